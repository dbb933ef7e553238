import { customGrad, scalar, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { NamedArray, NamedArrays } from './named-arrays.ts';

/** A VAE of dense layers over grey images: pixels - width - width - latent and back (methods 4, after Egorov et al. 2021). */
export interface MlpVaeShape {
  readonly pixels: number;
  readonly width: number;
  readonly latent: number;
  /** The encoder's log-variance is clamped to this. */
  readonly logVarianceRange: readonly [number, number];
}

/** Diagonal Gaussians, one a row: [N, L] each. */
export interface DiagonalGaussians {
  readonly mean: Tensor2D;
  readonly logVariance: Tensor2D;
}

/** Slope of the activation below zero. */
export const leak = 0.01;
const log2Pi = Math.log(2 * Math.PI);

/** Input and output sizes of each dense layer, by name. */
export const mlpVaeLayers = ({ pixels, width, latent }: MlpVaeShape) =>
  ({
    'encoder/1': [pixels, width],
    'encoder/2': [width, width],
    'encoder/code': [width, 2 * latent],
    'decoder/1': [latent, width],
    'decoder/2': [width, width],
    'decoder/pixels': [width, pixels],
  }) as const;

/** Xavier-normal kernels (Glorot and Bengio 2010), biases 0. */
export function mlpVaeStart(shape: MlpVaeShape, key: RandomKey): NamedArrays {
  const arrays: Record<string, NamedArray> = {};
  for (const [name, [inputs, outputs]] of Object.entries(mlpVaeLayers(shape))) {
    const deviation = Math.sqrt(2 / (inputs + outputs));
    const drawn = normals(derive(key, name), inputs * outputs);
    arrays[`${name}/kernel`] = { shape: [inputs, outputs], data: Float32Array.from(drawn, (x) => deviation * x) };
    arrays[`${name}/bias`] = { shape: [outputs], data: new Float32Array(outputs) };
  }
  return arrays;
}

/** A dense layer's weights applied to rows [N, in]; every pre-activation of a VAE goes through here under its layer's name. */
export type Dense = (name: string, x: Tensor2D) => Tensor2D;

export const denseOf =
  (weights: TensorRecord): Dense =>
  (name, x) =>
    x.matMul(weights[`${name}/kernel`]!).add(weights[`${name}/bias`]!);

/** q(z|x) of images [N, pixels]. */
export function encodeImages(shape: MlpVaeShape, dense: Dense, images: Tensor2D): DiagonalGaussians {
  const first = dense('encoder/1', images).leakyRelu(leak) as Tensor2D;
  const second = dense('encoder/2', first).leakyRelu(leak) as Tensor2D;
  const both = dense('encoder/code', second); // [N, 2L]
  const [rows, L] = [images.shape[0], shape.latent];
  const [low, high] = shape.logVarianceRange;
  return {
    mean: both.slice([0, 0], [rows, L]),
    logVariance: both.slice([0, L], [rows, L]).clipByValue(low, high) as Tensor2D,
  };
}

/** Logits of the pixels' Bernoulli means for codes [N, L]. */
export function decodeLogits(dense: Dense, codes: Tensor2D): Tensor2D {
  const first = dense('decoder/1', codes).leakyRelu(leak) as Tensor2D;
  const second = dense('decoder/2', first).leakyRelu(leak) as Tensor2D;
  return dense('decoder/pixels', second);
}

/** mean + deviation * noise */
export const drawCodes = ({ mean, logVariance }: DiagonalGaussians, noise: Tensor2D): Tensor2D =>
  mean.add(logVariance.mul(scalar(0.5)).exp().mul(noise));

/**
 * sum over pixels of x l - log(1 + e^l), [N]: the Bernoulli log-likelihood, grey levels x taken as means (not binarised). Gradients go to
 * the logits only.
 */
export function bernoulliLogLikelihood(logits: Tensor2D, images: Tensor2D): Tensor {
  const run = customGrad((l, save) => {
    const values = l as Tensor2D;
    (save as (tensors: Tensor[]) => void)([values]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => images.sub(saved[0]!.sigmoid()).mul(dy.expandDims(1));
    return { value: values.mul(images).sum(1).sub(sumOfSoftplus(values)), gradFunc };
  });
  return run(logits);
}

/** So many factors of at least 0.5 stay above the least normal number. */
const mostFactors = 120;

/**
 * sum over columns of log(1 + e^l), [N], for logits [N, P]. Of the logarithms sum log s(|l|) only one for each product of many columns is
 * taken: TensorFlow computes log and softplus without vector instructions, ten times slower than a product.
 */
export function sumOfSoftplus(logits: Tensor2D): Tensor {
  const [N, P] = logits.shape;
  let factors = Math.min(P, mostFactors);
  while (P % factors !== 0) factors--;
  const shares = logits
    .abs()
    .sigmoid()
    .reshape([N, P / factors, factors]);
  return logits.relu().sum(1).sub(shares.prod(2).log().sum(1));
}

/** Exact KL(first || second) of each row, [N]. */
export function gaussianDivergence(first: DiagonalGaussians, second: DiagonalGaussians): Tensor {
  const distance = first.mean.sub(second.mean).square();
  const ratio = first.logVariance.exp().add(distance).div(second.logVariance.exp());
  return ratio.sub(scalar(1)).add(second.logVariance).sub(first.logVariance).sum(1).mul(scalar(0.5));
}

/** log density of each row of z [N, L] under its own Gaussian, [N]. */
export const gaussianLogDensity = ({ mean, logVariance }: DiagonalGaussians, z: Tensor2D): Tensor =>
  z.sub(mean).square().div(logVariance.exp()).add(logVariance).add(scalar(log2Pi)).sum(1).mul(scalar(-0.5));
