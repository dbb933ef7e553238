import { scalar, type Tensor, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import {
  decodeLogits,
  denseOf,
  encodeImages,
  gaussianLogDensity,
  type MlpVaeShape,
  sumOfSoftplus,
} from '../models/mlp-vae.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import { type MixtureTensors, mixtureLogDensity } from './mixture-tensors.ts';

/**
 * Importance-sampled log p(x) of images [N, pixels], [N] nats (Burda et al. 2016): log mean over S draws z ~ q(z|x) of p(x|z) p(z) / q(z|x).
 * In expectation no more than log p(x), and nearer to it the larger S. `noise` is [N * S, L], the draws of an image together. The caller disposes it.
 */
export function importanceLogLikelihood(
  {
    shape,
    weights,
    prior,
  }: { readonly shape: MlpVaeShape; readonly weights: TensorRecord; readonly prior: MixtureTensors },
  images: Tensor2D,
  noise: Tensor2D,
): Tensor {
  return tidy(() => {
    const [N, P] = images.shape;
    const S = noise.shape[0] / N;
    const L = shape.latent;
    const code = encodeImages(shape, denseOf(weights), images);
    const repeated = (rows: Tensor2D) =>
      rows
        .expandDims(1)
        .tile([1, S, 1])
        .reshape([N * S, L]) as Tensor2D;
    const spread = { mean: repeated(code.mean), logVariance: repeated(code.logVariance) };
    const z = spread.mean.add(spread.logVariance.mul(scalar(0.5)).exp().mul(noise)) as Tensor2D; // [N * S, L]
    const logits = decodeLogits(denseOf(weights), z); // [N * S, P]
    const inner = logits.reshape([N, S, P]).matMul(images.reshape([N, P, 1])); // [N, S, 1]
    const fit = inner.reshape([N * S]).sub(sumOfSoftplus(logits));
    const ratio = fit.add(mixtureLogDensity(prior, z)).sub(gaussianLogDensity(spread, z));
    return ratio
      .reshape([N, S])
      .logSumExp(1)
      .sub(scalar(Math.log(S)));
  });
}
