import type { HostEncoder } from '../main/numerics/continual/host-encoder.ts';
import { leak } from '../main/numerics/models/mlp-vae.ts';
import type { NamedArray } from '../main/numerics/models/named-arrays.ts';

/**
 * An encoder of two pixels to two latent dimensions that is a straight line in spite of its activations: q(z|u) = N(scale (u - 0.5), deviation^2 I),
 * so that the aggregate posterior of images is known.
 */
export function straightEncoder(scale: number, deviation: number): HostEncoder {
  const array = (shape: readonly number[], data: readonly number[]): NamedArray => ({
    shape: [...shape],
    data: Float32Array.from(data),
  });
  // lrelu(x) - lrelu(-x) = (1 + leak) x, and after two layers (1 + leak^2) x
  const slope = scale / (1 + leak ** 2);
  const logVariance = 2 * Math.log(deviation);
  return {
    shape: { pixels: 2, width: 4, latent: 2, logVarianceRange: [-10, 10] },
    weights: {
      'encoder/1/kernel': array([2, 4], [1, -1, 0, 0, 0, 0, 1, -1]),
      'encoder/1/bias': array([4], [-0.5, 0.5, -0.5, 0.5]),
      'encoder/2/kernel': array([4, 4], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
      'encoder/2/bias': array([4], [0, 0, 0, 0]),
      'encoder/code/kernel': array([4, 4], [slope, 0, 0, 0, -slope, 0, 0, 0, 0, slope, 0, 0, 0, -slope, 0, 0]),
      'encoder/code/bias': array([4], [0, 0, logVariance, logVariance]),
    },
  };
}
