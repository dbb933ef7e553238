import * as tf from '@tensorflow/tfjs-core';
import { conv3d, customGrad, engine, type Tensor, type Tensor4D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { type GaussianLayer, smallestVariance } from '../../numerics/tensors/fused/local-reparameterisation.ts';
import { normalisationEpsilon } from '../../numerics/tensors/fused/normalise-and-activate.ts';
import { type Attribute, attribute, executor, flag, float32, type GradSaveFunc } from './tensorflow-ops.ts';

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
export function normaliseAndActivate(batch: Tensor5D): Tensor5D {
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

export const normalisedConvolution = (x: Tensor5D, filter: Tensor5D): Tensor5D => afterNorm(x, convolution(filter));

export const normalisedLocalReparameterisation = (x: Tensor5D, layer: GaussianLayer): Tensor5D =>
  afterNorm(x, gaussianConvolution(layer));
