import * as tf from '@tensorflow/tfjs-core';
import { conv3d, customGrad, engine, type Tensor, type Tensor4D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import type { FusedFunctions } from '../../numerics/tensors/fused/fused-functions.ts';
import {
  type GaussianLayer,
  localReparameterisation,
  smallestVariance,
} from '../../numerics/tensors/fused/local-reparameterisation.ts';
import { normalisationEpsilon } from '../../numerics/tensors/fused/normalise-and-activate.ts';
import { type RandomKey, seedPair } from '../../numerics/tensors/random.ts';

/** TensorFlow's attribute types, by their numbers in its C interface (c_api.h: TF_ATTR_*, TF_DataType). */
const attribute = { int: 1, float: 2, bool: 3, type: 4, string: 0 } as const;
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

/** What FusedBatchNormV3 makes of one sample, and what its gradient reads. */
interface Normalised {
  /** [1, D*H, W, C] */
  readonly x4: Tensor4D;
  /** After ReLU. */
  readonly active: Tensor4D;
  readonly statistics: readonly [Tensor, Tensor, Tensor];
}

const flatOf = ([, D, H, W, C]: Tensor5D['shape']): Tensor4D['shape'] => [1, D * H, W, C];

/** FusedBatchNormV3 over one sample is instance norm. */
function normalise(x: Tensor5D): Normalised {
  const C = x.shape[4];
  const x4 = x.reshape<Tensor4D>(flatOf(x.shape));
  const [scale, offset, none] = [tf.ones([C]), tf.zeros([C]), tf.zeros([0])];
  const [y, , , ...statistics] = executor().executeMultipleOutputs(
    'FusedBatchNormV3',
    [...normAttributes, { name: 'exponential_avg_factor', type: attribute.float, value: 1 }],
    [x4, scale, offset, none, none],
    6,
  ) as [Tensor4D, Tensor, Tensor, Tensor, Tensor, Tensor];
  const active = y.relu<Tensor>() as Tensor4D;
  y.dispose();
  return { x4, active, statistics };
}

/** Gradient with respect to the sample; ReLU's follows from its output. */
function normaliseGradient(dy: Tensor, { x4, active, statistics }: Normalised, shape: Tensor5D['shape']): Tensor5D {
  const masked = executor().executeSingleOutput('ReluGrad', [float32()], [dy.reshape(x4.shape), active]);
  const inputs = [masked, x4, tf.ones([x4.shape[3]]), ...statistics];
  const [dx] = executor().executeMultipleOutputs('FusedBatchNormGradV3', normAttributes, inputs, 5);
  masked.dispose();
  return dx!.reshape(shape) as Tensor5D;
}

function normaliseSample(sample: Tensor5D): Tensor5D {
  const run = customGrad((x, save) => {
    const { x4, active, statistics } = normalise(x as Tensor5D);
    (save as GradSaveFunc)([x4, active, ...statistics]);
    const gradFunc = (dy: Tensor, [x4, active, ...statistics]: Tensor[]) =>
      normaliseGradient(dy, { x4, active, statistics } as unknown as Normalised, sample.shape); // as saved
    return { value: active.reshape(sample.shape), gradFunc };
  });
  return run(sample) as Tensor5D;
}

/** See FusedFunctions; samples one by one, since the norm is over one sample. */
function normaliseAndActivate(x: Tensor5D): Tensor5D {
  if (x.shape[0] === 1) return normaliseSample(x);
  return tidy(() =>
    tf.concat(
      tf.split(x, x.shape[0], 0).map((sample) => normaliseSample(sample as Tensor5D)),
      0,
    ),
  );
}

/** A linear layer with its gradient by hand: `gradients` are those of `x`, then of each parameter. */
interface Layer {
  readonly parameters: readonly Tensor5D[];
  /** `kept` is what the gradient reads beside `x` and the parameters. */
  forward(x: Tensor5D, parameters: readonly Tensor5D[]): { readonly value: Tensor5D; readonly kept: readonly Tensor[] };
  gradients(dy: Tensor5D, x: Tensor5D, parameters: readonly Tensor5D[], kept: readonly Tensor[]): Tensor[];
}

/** The layer behind instance norm and ReLU of one sample; keeps `x` alone and computes the activation again in the gradient. */
function afterNorm(sample: Tensor5D, layer: Layer): Tensor5D {
  const count = layer.parameters.length;
  const run = customGrad((...given) => {
    const save = given.pop() as unknown as GradSaveFunc;
    const [x, ...parameters] = given as Tensor5D[];
    const { value, kept } = layer.forward(normalise(x!).active.reshape(sample.shape), parameters);
    save([x!, ...parameters, ...kept]);
    const gradFunc = (dy: Tensor, [x, ...saved]: Tensor[]) => {
      const normalised = normalise(x as Tensor5D);
      const active = normalised.active.reshape<Tensor5D>(sample.shape);
      const parameters = saved.slice(0, count) as Tensor5D[];
      const [dActive, ...rest] = layer.gradients(dy as Tensor5D, active, parameters, saved.slice(count));
      const dx = normaliseGradient(dActive!, normalised, sample.shape);
      tf.dispose([dActive!, normalised.active, active]);
      return [dx, ...rest];
    };
    return { value, gradFunc };
  });
  return run(sample, ...layer.parameters) as Tensor5D;
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

const normalisedConvolution = (x: Tensor5D, filter: Tensor5D): Tensor5D =>
  x.shape[0] === 1 ? afterNorm(x, convolution(filter)) : tidy(() => conv3d(normaliseAndActivate(x), filter, 1, 'same'));

const normalisedLocalReparameterisation = (x: Tensor5D, layer: GaussianLayer): Tensor5D =>
  x.shape[0] === 1
    ? afterNorm(x, gaussianConvolution(layer))
    : tidy(() => localReparameterisation(normaliseAndActivate(x), layer));

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

/** The forms for the `tensorflow` back end, made of single TensorFlow ops. */
export const tensorflowFunctions: FusedFunctions = {
  normaliseAndActivate,
  normalisedConvolution,
  normalisedLocalReparameterisation,
  upsample,
  gaussianNoise,
};
