import { scalar, type Tensor, type Tensor1D, type Tensor2D, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import type { DiagonalGaussians } from '../models/mlp-vae.ts';
import type { DiagonalMixture } from './diagonal-mixture.ts';

/** A mixture of diagonal Gaussians: log weights [K], means and log-variances [K, L]. */
export interface MixtureTensors extends DiagonalGaussians {
  readonly logWeights: Tensor1D;
}

const log2Pi = Math.log(2 * Math.PI);

/** Copies a plain mixture; the caller disposes it. */
export function mixtureTensors({ logWeights, mean, logVariance, dimensions }: DiagonalMixture): MixtureTensors {
  const shape: [number, number] = [logWeights.length, dimensions];
  return {
    logWeights: tensor1d(Float32Array.from(logWeights)),
    mean: tensor2d(Float32Array.from(mean), shape),
    logVariance: tensor2d(Float32Array.from(logVariance), shape),
  };
}

/** log density of codes [N, L], [N]: two products of matrices, then logsumexp over the components. */
export function mixtureLogDensity({ logWeights, mean, logVariance }: MixtureTensors, z: Tensor2D): Tensor {
  const precision = logVariance.neg().exp(); // [K, L]
  const constant = mean
    .square()
    .mul(precision)
    .add(logVariance)
    .add(scalar(log2Pi))
    .sum(1)
    .mul(scalar(-0.5))
    .add(logWeights); // [K]
  const quadratic = z.square().matMul(precision.mul(scalar(-0.5)), false, true); // [N, K]
  const linear = z.matMul(mean.mul(precision) as Tensor2D, false, true);
  return quadratic.add(linear).add(constant).logSumExp(1);
}
