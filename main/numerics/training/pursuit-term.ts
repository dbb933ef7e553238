import { maximum, scalar, stack, type Tensor, tensor2d, where, zerosLike } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, kernelVoxels } from '../models/unet-weights.ts';
import type { PosteriorComponent } from '../posteriors/weight-posterior.ts';
import { groupRanges } from '../priors/kernel-groups.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import type { RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';

/** One factorised Gaussian over the 3^3 kernels with its share; shapes that broadcast with [27, slices]. */
interface WeightedGaussian {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
  readonly weight: number;
}

/** What a new component is driven away from (methods 3): (1 - defence) q + defence prior, fixed. Holds tensors: see `disposePursuit`. */
export interface Pursuit {
  readonly parts: readonly WeightedGaussian[];
  /** min -H[h] / lambda + E_h[log q - log p]. */
  readonly lambda: number;
  /** No deviation grows beyond the kernels' own spread: the cap without which a component widens where q's tails are light. [1, slices] */
  readonly greatestLogVariance: Tensor;
}

/**
 * The old mixture as what a component is pursued against. Points have no density over weights and are left out.
 * @param spread deviation of the kernels of group 1 to 7: the prior's share that defends q's tails is N(0, spread^2)
 */
export function openPursuit(
  net: UnetArchitecture,
  components: readonly PosteriorComponent[],
  {
    spread,
    lambda,
    defence,
  }: { readonly spread: readonly number[]; readonly lambda: number; readonly defence: number },
): Pursuit {
  const { slices } = countWeights(net);
  const byColumn = new Float32Array(slices);
  for (const { group, from, to } of groupRanges(net)) byColumn.fill(2 * Math.log(spread[group - 1]!), from, to);
  const greatestLogVariance = tensor2d(byColumn, [1, slices]);
  const shape: [number, number] = [kernelVoxels, slices];
  const parts = components.flatMap(({ posterior, weight }): WeightedGaussian[] =>
    posterior.kind === 'gaussian'
      ? [
          {
            mean: tensor2d(posterior.mean.kernels, shape),
            logVariance: tensor2d(posterior.logVariance, shape),
            weight: (1 - defence) * weight,
          },
        ]
      : [],
  );
  const prior = { mean: scalar(0), logVariance: greatestLogVariance, weight: defence };
  return { parts: [...parts, prior], lambda, greatestLogVariance };
}

export function disposePursuit({ parts }: Pursuit): void {
  for (const { mean, logVariance } of parts) {
    mean.dispose();
    logVariance.dispose(); // the prior's is the cap's
  }
}

/**
 * E_h log[(1 - e) q + e prior] - (1 / lambda - 1) H[h] in nats, from one draw of h, and its gradients: what MaxEntropy Pursuit adds to
 * the KL of a component to the prior. Unbiased, the entropy exact. Call within a tidy.
 */
export function pursuitTerm(
  { parts, lambda }: Pursuit,
  parameters: TensorRecord,
  key: RandomKey,
): { readonly value: Tensor; readonly gradients: Readonly<Record<'kernels' | 'logVariance', Tensor>> } {
  const mean = parameters['kernels']!;
  const logVariance = parameters['logVariance']!;
  const shift = logVariance.mul(scalar(0.5)).exp().mul(fused().gaussianNoise(key, mean.shape));
  const weights = mean.add(shift);
  const precise = parts.map((part) => ({ ...part, precision: part.logVariance.neg().exp() }));
  const logs = stack(
    precise.map(({ mean: middle, logVariance: spread, precision, weight }) =>
      weights
        .sub(middle)
        .square()
        .mul(precision)
        .add(spread)
        .add(scalar(Math.log(2 * Math.PI)))
        .sum()
        .mul(scalar(-0.5))
        .add(scalar(Math.log(weight))),
    ),
  );
  const logDensity = logs.logSumExp();
  const shares = logs.sub(logDensity).exp().dataSync<'float32'>();
  const score = precise
    .map(({ mean: middle, precision }, n): Tensor => middle.sub(weights).mul(precision).mul(scalar(shares[n]!)))
    .reduce((sum, value) => sum.add(value));
  const extra = 1 / lambda - 1;
  const entropy = logVariance
    .add(scalar(Math.log(2 * Math.PI * Math.E)))
    .sum()
    .mul(scalar(0.5));
  return {
    value: logDensity.sub(entropy.mul(scalar(extra))),
    gradients: { kernels: score, logVariance: score.mul(shift).sub(scalar(extra)).mul(scalar(0.5)) },
  };
}

/** The gradient without what would push a log-variance over its greatest value. */
export const boundedGradient = (gradient: Tensor, logVariance: Tensor, greatest: Tensor): Tensor =>
  where(logVariance.greaterEqual(greatest), maximum(gradient, zerosLike(gradient)), gradient);
