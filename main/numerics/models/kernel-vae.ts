import {
  avgPool3d,
  conv3d,
  elu,
  matMul,
  pad,
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';
import { type MixtureTensors, mixtureLogDensity } from '../continual/mixture-tensors.ts';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { NamedArray, NamedArrays } from './named-arrays.ts';
import { kernelVoxels } from './unet-weights.ts';

/** Dimensions of z (methods 1.2). */
export const latentSize = 6;
/** Least deviation of the decoder, in units of the weights: without it the likelihood of a repeated kernel is unbounded. */
export const leastDeviation = 1e-4;

const [width1, width2, width3] = [32, 64, 128];
const log2Pi = Math.log(2 * Math.PI);

/**
 * Shapes of the VAE over 3^3 slices: encoder 1 -> 32 -> 64 -> 128 with pooling 3^3 -> 2^3 -> 1^3, a decoder that mirrors
 * it, heads for mean and log-variance on both sides (Atanov et al. 2019; methods 1.2).
 */
const shapes = {
  'encoder/conv-1': [3, 3, 3, 1, width1],
  'encoder/bias-1': [width1],
  'encoder/conv-2': [3, 3, 3, width1, width2],
  'encoder/bias-2': [width2],
  'encoder/dense-3': [width2, width3],
  'encoder/bias-3': [width3],
  'encoder/heads': [width3, 2 * latentSize],
  'encoder/heads-bias': [2 * latentSize],
  'decoder/dense-1': [latentSize, width3],
  'decoder/bias-1': [width3],
  'decoder/dense-2': [width3, 8 * width2],
  'decoder/bias-2': [width2],
  'decoder/conv-3': [2, 2, 2, width2, width1],
  'decoder/bias-3': [width1],
  'decoder/heads': [3, 3, 3, width1, 2],
  'decoder/heads-bias': [2],
} as const satisfies Record<string, readonly number[]>;

export const encoderNames: readonly string[] = Object.keys(shapes).filter((name) => name.startsWith('encoder/'));
/** Log weights [K], means and log-variances [K, 6] of the mixture over codes that an update made. */
export const codePriorNames = ['codes/logWeights', 'codes/mean', 'codes/logVariance'] as const;
export const decoderNames: readonly string[] = Object.keys(shapes).filter((name) => name.startsWith('decoder/'));

/** A start (He normal, biases and heads near 0) for slices whose deviation is `spread`; `scale` is not trained. */
export function kernelVaeStart(spread: number, key: RandomKey): NamedArrays {
  const arrays = Object.entries(shapes).map(([name, shape]): [string, NamedArray] => {
    const count = shape.reduce((product: number, side) => product * side, 1);
    if (name.includes('bias')) return [name, { shape, data: new Float32Array(count) }];
    const fanIn = count / shape.at(-1)!;
    const deviation = Math.sqrt(2 / fanIn) * (name.endsWith('heads') ? 0.1 : 1);
    return [name, { shape, data: Float32Array.from(normals(derive(key, name), count), (x) => deviation * x) }];
  });
  return { ...Object.fromEntries(arrays), scale: { shape: [], data: Float32Array.of(spread) } };
}

/** Mean and log-variance of a Gaussian, equal shapes. */
export interface Gaussian {
  readonly mean: Tensor2D;
  readonly logVariance: Tensor2D;
}

/** r(z|w): weights [n, 27] to z [n, 6]. */
export function encodeKernels(vae: TensorRecord, weights: Tensor2D): Gaussian {
  const n = weights.shape[0];
  const input = weights.div(vae['scale']!).reshape([n, 3, 3, 3, 1]) as Tensor5D;
  const first = elu(
    conv3d(input, vae['encoder/conv-1'] as Tensor5D, 1, 'same').add(vae['encoder/bias-1']!),
  ) as Tensor5D; // [n, 3, 3, 3, 32]
  const middle = avgPool3d(first, 2, 1, 'valid') as Tensor5D; // [n, 2, 2, 2, 32]
  const second = elu(
    conv3d(middle, vae['encoder/conv-2'] as Tensor5D, 1, 'same').add(vae['encoder/bias-2']!),
  ) as Tensor5D;
  const small = avgPool3d(second, 2, 1, 'valid').reshape([n, width2]) as Tensor2D;
  const third = elu(matMul(small, vae['encoder/dense-3'] as Tensor2D).add(vae['encoder/bias-3']!)) as Tensor2D; // [n, 128]
  return halves(
    matMul(third, vae['encoder/heads'] as Tensor2D).add(vae['encoder/heads-bias']!) as Tensor2D,
    latentSize,
  );
}

/** p(w|z): z [n, 6] to weights [n, 27], in units of the weights; the variance has a floor. */
export function decodeKernels(vae: TensorRecord, z: Tensor2D): Gaussian {
  const n = z.shape[0];
  const first = elu(matMul(z, vae['decoder/dense-1'] as Tensor2D).add(vae['decoder/bias-1']!)) as Tensor2D;
  const cube = matMul(first, vae['decoder/dense-2'] as Tensor2D).reshape([n, 2, 2, 2, width2]);
  const second = elu(cube.add(vae['decoder/bias-2']!)) as Tensor5D;
  const padded = pad(second, [
    [0, 0],
    [1, 1],
    [1, 1],
    [1, 1],
    [0, 0],
  ]) as Tensor5D; // a transposed convolution from 2^3 to 3^3
  const third = elu(
    conv3d(padded, vae['decoder/conv-3'] as Tensor5D, 1, 'valid').add(vae['decoder/bias-3']!),
  ) as Tensor5D; // [n, 3, 3, 3, 32]
  const heads = conv3d(third, vae['decoder/heads'] as Tensor5D, 1, 'same').add(vae['decoder/heads-bias']!);
  const { mean, logVariance } = halves(heads.reshape([n * kernelVoxels, 2]) as Tensor2D, 1);
  const scale = vae['scale']!;
  const variance = logVariance
    .exp()
    .mul(scale.square())
    .add(scalar(leastDeviation ** 2));
  return { mean: mean.mul(scale).reshape([n, kernelVoxels]), logVariance: variance.log().reshape([n, kernelVoxels]) };
}

const halves = (both: Tensor2D, size: number): Gaussian => ({
  mean: both.slice([0, 0], [both.shape[0], size]),
  logVariance: both.slice([0, size], [both.shape[0], size]),
});

/** The two parts of the evidence bound, per slice [n]. */
export interface KernelEvidence {
  /** log p(w|z) for the one drawn z. */
  readonly logLikelihood: Tensor;
  /** KL(r(z|w) || p(z)): exact for N(0, I), an estimate from the one z for a mixture. */
  readonly divergence: Tensor;
}

/** KL(r(z|w) || p(z)), [n]: exact against N(0, I); at the one z where boosting made p a mixture. */
function codeDivergence(vae: TensorRecord, code: Gaussian, z: Tensor2D): Tensor {
  const mixture = codePrior(vae);
  if (mixture) return gaussianLogDensity(code, z).sub(mixtureLogDensity(mixture, z));
  const variance = code.logVariance.exp();
  return variance.add(code.mean.square()).sub(code.logVariance).sub(scalar(1)).sum(1).mul(scalar(0.5));
}

/** The mixture over codes of an updated prior; undefined where p(z) = N(0, I). */
export function codePrior(vae: TensorRecord): MixtureTensors | undefined {
  const [logWeights, mean, logVariance] = codePriorNames.map((name) => vae[name]);
  if (!logWeights || !mean || !logVariance) return undefined;
  return { logWeights: logWeights as Tensor1D, mean: mean as Tensor2D, logVariance: logVariance as Tensor2D };
}

/** @param noise standard normals [n, 6], which choose z */
export function kernelEvidence(vae: TensorRecord, weights: Tensor2D, noise: Tensor2D): KernelEvidence {
  const code = encodeKernels(vae, weights);
  const z = code.mean.add(code.logVariance.mul(scalar(0.5)).exp().mul(noise)) as Tensor2D;
  const divergence = codeDivergence(vae, code, z);
  return { logLikelihood: gaussianLogDensity(decodeKernels(vae, z), weights), divergence };
}

/**
 * A lower bound on log p(w) per slice, [n], from one z each: log p(w|z) - KL(r(z|w) || p(z)); its mean over z bounds.
 * One z per slice: several averaged before decoding would be no bound (methods 1.3).
 */
export function kernelLogBound(vae: TensorRecord, weights: Tensor2D, noise: Tensor2D): Tensor {
  const { logLikelihood, divergence } = kernelEvidence(vae, weights, noise);
  return logLikelihood.sub(divergence);
}

/** Importance-sampled log p(w) per slice, [n] (Burda et al. 2016), from one z each for every noise [n, 6]; the caller disposes it. */
export function kernelLogEvidence(vae: TensorRecord, weights: Tensor2D, noises: readonly Tensor2D[]): Tensor {
  return tidy(() => {
    const code = encodeKernels(vae, weights);
    const deviation = code.logVariance.mul(scalar(0.5)).exp();
    const mixture = codePrior(vae);
    const ratios = noises.map((noise) => {
      const z = code.mean.add(deviation.mul(noise)) as Tensor2D;
      const logPrior = mixture
        ? mixtureLogDensity(mixture, z)
        : z.square().add(scalar(log2Pi)).sum(1).mul(scalar(-0.5));
      return gaussianLogDensity(decodeKernels(vae, z), weights).add(logPrior).sub(gaussianLogDensity(code, z));
    });
    const stacked = ratios.reduce(
      (all, ratio) => all.concat(ratio.expandDims(1), 1),
      ratios[0]!.expandDims(1).slice([0, 0], [weights.shape[0], 0]),
    );
    return stacked.logSumExp(1).sub(scalar(Math.log(noises.length)));
  });
}

export function gaussianLogDensity({ mean, logVariance }: Gaussian, x: Tensor2D): Tensor {
  const distance = x.sub(mean).square().div(logVariance.exp());
  return distance.add(logVariance).add(scalar(log2Pi)).sum(1).mul(scalar(-0.5));
}
