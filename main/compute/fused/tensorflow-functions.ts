import * as tf from '@tensorflow/tfjs-core';
import {
  conv3d,
  customGrad,
  engine,
  type Rank,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';
import { type AdamMoments, adamBeta1, adamBeta2, adamSizes } from '../../numerics/tensors/fused/adam-update.ts';
import type { FusedFunctions } from '../../numerics/tensors/fused/fused-functions.ts';
import { type GaussianLayer, smallestVariance } from '../../numerics/tensors/fused/local-reparameterisation.ts';
import { normalisationEpsilon } from '../../numerics/tensors/fused/normalise-and-activate.ts';
import { diceSmoothing } from '../../numerics/tensors/fused/segmentation-loss.ts';
import { type RandomKey, seedPair } from '../../numerics/tensors/random.ts';

/** TensorFlow's attribute types, by their numbers in its C interface (c_api.h: TF_ATTR_*, TF_DataType). */
const attribute = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;
const dataType = { float32: 1, int32: 3 } as const;

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The part of tfjs-node's back end that reaches any TensorFlow op. */
interface OpExecutor {
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
}

type GradSaveFunc = (tensors: Tensor[]) => void;

const executor = () => engine().backend as unknown as OpExecutor; // these forms are registered for that back end alone
const float32 = (name = 'T'): Attribute => ({ name, type: attribute.type, value: dataType.float32 });
const int32 = (name: string): Attribute => ({ name, type: attribute.type, value: dataType.int32 });
const flag = (name: string, value: boolean): Attribute => ({ name, type: attribute.bool, value });

const normAttributes: readonly Attribute[] = [
  float32(),
  float32('U'),
  { name: 'epsilon', type: attribute.float, value: normalisationEpsilon },
  { name: 'data_format', type: attribute.string, value: 'NHWC' },
  flag('is_training', true),
];

/** What FusedBatchNormV3 makes of a batch, and what its gradient reads. */
interface Normalised {
  /** [B, D*H, W, C] */
  readonly x4: Tensor4D;
  /** After ReLU. */
  readonly active: Tensor4D;
  /** Of each sample. */
  readonly statistics: readonly (readonly Tensor[])[];
}

const flatOf = ([B, D, H, W, C]: Tensor5D['shape']): Tensor4D['shape'] => [B, D * H, W, C];

/** Samples one by one, since the norm is over one sample; a single one is not copied. */
function eachSample(inputs: readonly Tensor[], of: (...samples: Tensor[]) => Tensor): Tensor {
  const B = inputs[0]!.shape[0]!;
  if (B === 1) return of(...inputs);
  const parts = inputs.map((input) => tf.split(input, B, 0));
  const results = parts[0]!.map((_, b) => of(...parts.map((samples) => samples[b]!)));
  const whole = tf.concat(results, 0);
  tf.dispose([...parts.flat(), ...results]);
  return whole;
}

/** FusedBatchNormV3 over one sample is instance norm. */
function normalise(x: Tensor5D): Normalised {
  const C = x.shape[4];
  const x4 = x.reshape<Tensor4D>(flatOf(x.shape));
  const [scale, offset, none] = [tf.ones([C]), tf.zeros([C]), tf.zeros([0])];
  const statistics: Tensor[][] = [];
  const y = eachSample([x4], (sample) => {
    const [y, , , ...ofSample] = executor().executeMultipleOutputs(
      'FusedBatchNormV3',
      [...normAttributes, { name: 'exponential_avg_factor', type: attribute.float, value: 1 }],
      [sample!, scale, offset, none, none],
      6,
    );
    statistics.push(ofSample);
    return y!;
  });
  const active = y.relu<Tensor>() as Tensor4D;
  y.dispose();
  return { x4, active, statistics };
}

/** Gradient with respect to the batch; ReLU's follows from its output. */
function normaliseGradient(dy: Tensor, { x4, active, statistics }: Normalised, shape: Tensor5D['shape']): Tensor5D {
  const masked = executor().executeSingleOutput('ReluGrad', [float32()], [dy.reshape(x4.shape), active]);
  const ones = tf.ones([x4.shape[3]]);
  let b = 0;
  const dx = eachSample([masked, x4], (dy, x) => {
    const inputs = [dy!, x!, ones, ...statistics[b++]!];
    return executor().executeMultipleOutputs('FusedBatchNormGradV3', normAttributes, inputs, 5)[0]!;
  });
  masked.dispose();
  return dx.reshape(shape) as Tensor5D;
}

const statisticsOfSample = 3;

/** See FusedFunctions. */
function normaliseAndActivate(batch: Tensor5D): Tensor5D {
  const run = customGrad((x, save) => {
    const { x4, active, statistics } = normalise(x as Tensor5D);
    (save as GradSaveFunc)([x4, active, ...statistics.flat()]);
    const gradFunc = (dy: Tensor, [x4, active, ...saved]: Tensor[]) => {
      const statistics = Array.from({ length: batch.shape[0] }, (_, b) =>
        saved.slice(b * statisticsOfSample, (b + 1) * statisticsOfSample),
      );
      return tidy(() =>
        normaliseGradient(dy, { x4: x4 as Tensor4D, active: active as Tensor4D, statistics }, batch.shape),
      );
    };
    return { value: active.reshape(batch.shape), gradFunc };
  });
  return run(batch) as Tensor5D;
}

/** A linear layer with its gradient by hand: `gradients` are those of `x`, then of each parameter. */
interface Layer {
  readonly parameters: readonly Tensor5D[];
  /** `kept` is what the gradient reads beside `x` and the parameters. */
  forward(x: Tensor5D, parameters: readonly Tensor5D[]): { readonly value: Tensor5D; readonly kept: readonly Tensor[] };
  gradients(dy: Tensor5D, x: Tensor5D, parameters: readonly Tensor5D[], kept: readonly Tensor[]): Tensor[];
}

/** The layer behind instance norm and ReLU; keeps `x` alone and computes the activation again in the gradient. */
function afterNorm(batch: Tensor5D, layer: Layer): Tensor5D {
  const count = layer.parameters.length;
  const run = customGrad((...given) => {
    const save = given.pop() as unknown as GradSaveFunc;
    const [x, ...parameters] = given as Tensor5D[];
    const { value, kept } = layer.forward(normalise(x!).active.reshape(batch.shape), parameters);
    save([x!, ...parameters, ...kept]);
    const gradFunc = (dy: Tensor, [x, ...saved]: Tensor[]) =>
      tidy(() => {
        const normalised = normalise(x as Tensor5D);
        const active = normalised.active.reshape<Tensor5D>(batch.shape);
        const parameters = saved.slice(0, count) as Tensor5D[];
        const [dActive, ...rest] = layer.gradients(dy as Tensor5D, active, parameters, saved.slice(count));
        return [normaliseGradient(dActive!, normalised, batch.shape), ...rest];
      });
    return { value, gradFunc };
  });
  return run(batch, ...layer.parameters) as Tensor5D;
}

const filterGradient = (x: Tensor5D, dy: Tensor5D, filter: Tensor5D, strides: 1 | 2): Tensor5D =>
  engine().runKernel('Conv3DBackpropFilterV2', { x, dy }, { strides, pad: 'same', filterShape: filter.shape });
const inputGradient = (dy: Tensor5D, filter: Tensor5D, x: Tensor5D, strides: 1 | 2): Tensor5D =>
  engine().runKernel('Conv3DBackpropInputV2', { dy, filter }, { strides, pad: 'same', inputShape: x.shape });

const convolution = (filter: Tensor5D): Layer => ({
  parameters: [filter],
  forward: (x, [filter]) => ({ value: conv3d(x, filter!, 1, 'same'), kept: [] }),
  gradients: (dy, x, [filter]) => [inputGradient(dy, filter!, x, 1), filterGradient(x, dy, filter!, 1)],
});

/** With y = m + noise sqrt(v): dm = dy and dv = dy * factor / 2, factor = noise / sqrt(v), which is why that is kept. */
const gaussianConvolution = ({ mean, variance, noise, stride }: GaussianLayer): Layer => ({
  parameters: [mean, variance],
  forward: (x, [mean, variance]) => {
    const v = conv3d(x.square() as Tensor5D, variance!, stride, 'same').add(tf.scalar(smallestVariance));
    const factor = v.rsqrt().mul(noise);
    const value = conv3d(x, mean!, stride, 'same').add(v.mul(factor)) as Tensor5D;
    return { value, kept: [factor] };
  },
  gradients: (dy, x, [mean, variance], [factor]) => {
    const twice = dy.mul(factor!) as Tensor5D; // 2 dv
    const spread = inputGradient(twice, variance!, x, stride).mul(x); // d(x^2) = 2 x dx
    const dx = inputGradient(dy, mean!, x, stride).add(spread);
    const dVariance = filterGradient(x.square() as Tensor5D, twice, variance!, stride).mul(tf.scalar(0.5));
    return [dx, filterGradient(x, dy, mean!, stride), dVariance];
  },
});

const normalisedConvolution = (x: Tensor5D, filter: Tensor5D): Tensor5D => afterNorm(x, convolution(filter));

const normalisedLocalReparameterisation = (x: Tensor5D, layer: GaussianLayer): Tensor5D =>
  afterNorm(x, gaussianConvolution(layer));

const resizeAttributes: readonly Attribute[] = [
  float32(),
  flag('align_corners', false),
  flag('half_pixel_centers', true),
];

/** ResizeBilinear with its true gradient: tfjs-node's own forgets `half_pixel_centers`. [N, H, W, C] to `size`. */
function resizeBilinear(x: Tensor, size: readonly [number, number]): Tensor {
  const run = customGrad((image, save) => {
    const value = executor().executeSingleOutput('ResizeBilinear', resizeAttributes, [
      image as Tensor,
      tf.tensor1d([...size], 'int32'),
    ]);
    (save as GradSaveFunc)([image as Tensor]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      executor().executeSingleOutput('ResizeBilinearGrad', resizeAttributes, [dy, saved[0]!]);
    return { value, gradFunc };
  });
  return run(x);
}

function upsample(x: Tensor5D): Tensor5D {
  const [B, D, H, W, C] = x.shape;
  return tidy(() => {
    const plane = resizeBilinear(x.reshape([B * D, H, W, C]), [2 * H, 2 * W]); // [B*D, 2H, 2W, C]
    const columns = plane.reshape([B, D, 4 * H * W, C]);
    return resizeBilinear(columns, [2 * D, 4 * H * W]).reshape([B, 2 * D, 2 * H, 2 * W, C]);
  });
}

/** StatelessRandomNormal: the same pair gives the same values, in any order of calls. */
function gaussianNoise(key: RandomKey, shape: readonly number[]): Tensor {
  return tidy(() =>
    executor().executeSingleOutput(
      'StatelessRandomNormal',
      [float32('dtype'), int32('T'), int32('Tseed')],
      [tf.tensor1d([...shape], 'int32'), tf.tensor1d([...seedPair(key)], 'int32')],
    ),
  );
}

/**
 * With o and m the overlap and mass of a class in a sample and s the smoothing, soft Dice (2 o + s) / (m + s) has the gradient
 * (2 t - Dice) / (m + s) with respect to a probability p whose truth is t. Sums over voxels are products of matrices.
 */
function segmentationLoss(logits: Tensor5D, truth: Tensor5D, diceWeight: number): Scalar {
  const [B, D, H, W, K] = logits.shape;
  const V = D * H * W;
  const diagonal = (x: Tensor): Tensor3D => x.mul(tf.eye(K)).sum(1, true);
  const run = customGrad((z, save) => {
    const t = truth.reshape<Tensor3D>([B, V, K]);
    const foreground = tf.tensor1d([0, ...Array<number>(K - 1).fill(1 / (B * (K - 1)))]);
    const logProbability = executor().executeSingleOutput(
      'LogSoftmax',
      [float32()],
      [(z as Tensor).reshape([B, V, K])],
    ) as Tensor3D;
    const p = logProbability.exp() as Tensor3D;
    const total = (x: Tensor3D): Tensor => tf.matMul(tf.ones<Rank.R3>([B, 1, V]), x);
    const mass = total(p).add(total(t)).add(tf.scalar(diceSmoothing)); // [B, 1, K]
    const overlap = diagonal(tf.matMul(p, t, true))
      .mul(tf.scalar(2))
      .add(tf.scalar(diceSmoothing));
    const dice = overlap.div(mass);
    const crossEntropy = diagonal(tf.matMul(logProbability, t, true))
      .sum()
      .mul(tf.scalar(-1 / (B * V)));
    const value = tf
      .scalar(1)
      .sub(dice.mul(foreground).sum())
      .mul(tf.scalar(diceWeight))
      .add(crossEntropy.mul(tf.scalar(1 - diceWeight))) as Scalar;
    (save as GradSaveFunc)([p, t, dice, mass, foreground]);
    const gradFunc = (dy: Tensor, [p, t, dice, mass, foreground]: Tensor[]) =>
      tidy(() => {
        const share = foreground!.mul(tf.scalar(-diceWeight)).mul(dy).div(mass!); // [B, 1, K]
        const entropyShare = dy.mul(tf.scalar((1 - diceWeight) / (B * V)));
        const slope = t!.mul(share.mul(tf.scalar(2))).sub(dice!.mul(share)); // dL/dp of Dice
        const inner = tf.matMul(p!.mul<Tensor3D>(slope), tf.ones<Rank.R3>([B, K, 1])).sub(entropyShare); // [B, V, 1]
        return p!.mul(slope.sub(inner)).sub(t!.mul(entropyShare)).reshape(logits.shape);
      });
    return { value, gradFunc };
  });
  return tidy(() => run(logits) as Scalar);
}

/** Of TensorFlow's resource variables: one that ends with its handle (common_runtime: ResourceHandle::ANONYMOUS_NAME). */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/** A resource variable that begins with the tensor's values; ops that change it leave the tensor as it is. */
function variableOf(value: Tensor): Tensor {
  const handle = executor().executeSingleOutput(
    'VarHandleOp',
    [
      float32('dtype'),
      { name: 'shape', type: attribute.shape, value: value.shape },
      { name: 'container', type: attribute.string, value: '' },
      { name: 'shared_name', type: attribute.string, value: anonymous },
    ],
    [],
  );
  executor().executeMultipleOutputs('AssignVariableOp', [float32('dtype')], [handle, value], 0);
  return handle;
}

/** ResourceApplyAdam: one pass over the three of them. Its epsilon is not corrected for bias, so that comes in already corrected. */
function adamUpdate(before: AdamMoments, gradient: Tensor, step: number, rate: number): AdamMoments {
  return tidy(() => {
    const variables = [before.parameter, before.firstMoment, before.secondMoment].map(variableOf);
    const numbers = [adamBeta1 ** step, adamBeta2 ** step, rate, adamBeta1, adamBeta2, adamSizes(step, rate).shift];
    executor().executeMultipleOutputs(
      'ResourceApplyAdam',
      [float32(), flag('use_locking', false), flag('use_nesterov', false)],
      [...variables, ...numbers.map((number) => tf.scalar(number)), gradient],
      0,
    );
    const [parameter, firstMoment, secondMoment] = variables.map((handle) =>
      executor().executeSingleOutput('ReadVariableOp', [float32('dtype')], [handle]),
    ) as [Tensor, Tensor, Tensor];
    return { parameter, firstMoment, secondMoment };
  });
}

/** The forms for the `tensorflow` back end, made of single TensorFlow ops. */
export const tensorflowFunctions: FusedFunctions = {
  normaliseAndActivate,
  normalisedConvolution,
  normalisedLocalReparameterisation,
  upsample,
  gaussianNoise,
  segmentationLoss,
  adamUpdate,
};
