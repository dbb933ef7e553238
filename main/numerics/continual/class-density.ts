import { matMul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { type AdditiveMixture, logSumExp } from '../posteriors/additive-mixture.ts';
import { batchLogDensity, countRows, type Rows } from '../posteriors/batch-log-density.ts';
import type { GaussianComponent } from '../posteriors/gaussian-component.ts';
import { derive, normals, type RandomKey, shuffled } from '../tensors/random.ts';
import { principalAxes } from './principal-axes.ts';

export interface DensitySettings {
  readonly components: number;
  readonly rank: number;
  /** Added to every variance. */
  readonly floor: number;
  readonly iterations: number;
}

/**
 * A mixture of low-rank-plus-diagonal Gaussians by expectation maximisation: mixtures of probabilistic principal component analysers
 * (Tipping and Bishop 1999), from starts by k-means. With one component a plain Gaussian of that shape. What a gate keeps of a class.
 */
export function fitDensity(rows: Rows, settings: DensitySettings, key: RandomKey): AdditiveMixture {
  let shares = startShares(rows, settings.components, derive(key, 'start'));
  for (let iteration = 1; ; iteration++) {
    const mixture = mixtureOfShares(rows, shares, settings, derive(key, 'axes', iteration));
    if (settings.components === 1 || iteration >= settings.iterations) return mixture;
    const parts = weightedLogDensities(mixture, rows);
    const totals = Float64Array.from(parts[0]!, (_, n) => logSumExp(parts.map((part) => part[n]!)));
    shares = parts.map((part) => part.map((value, n) => Math.exp(value - totals[n]!)));
  }
}

/** log density of each row, nats. */
export function densityOf(mixture: AdditiveMixture, rows: Rows): Float64Array {
  const parts = weightedLogDensities(mixture, rows);
  return Float64Array.from({ length: countRows(rows) }, (_, n) => logSumExp(parts.map((part) => part[n]!)));
}

/** [component][row], weights included. */
const weightedLogDensities = ({ components, logWeights }: AdditiveMixture, rows: Rows): readonly Float64Array[] =>
  components.map((component, k) => batchLogDensity(component, rows).map((value) => value + logWeights[k]!));

function mixtureOfShares(
  rows: Rows,
  shares: readonly Float64Array[],
  settings: DensitySettings,
  key: RandomKey,
): AdditiveMixture {
  const totals = shares.map((share) => share.reduce((sum, value) => sum + value, 1e-9));
  const all = totals.reduce((sum, value) => sum + value, 0);
  return {
    components: shares.map((share, k) => analyser(rows, share, settings, derive(key, k))),
    logWeights: totals.map((total) => Math.log(total / all)),
  };
}

/** The Gaussian of weighted rows: leading axes of their covariance, one variance for the rest. */
function analyser(
  { values, dimensions: D }: Rows,
  share: Float64Array,
  { rank, floor }: DensitySettings,
  key: RandomKey,
): GaussianComponent {
  const total = share.reduce((sum, value) => sum + value, 1e-9);
  const mean = new Float64Array(D);
  for (let n = 0; n < share.length; n++)
    if (share[n]! > 1e-6) for (let d = 0; d < D; d++) mean[d]! += (share[n]! * values[n * D + d]!) / total;
  const centred = new Float32Array(values.length);
  for (let n = 0; n < share.length; n++) {
    const root = Math.sqrt(share[n]! / total);
    for (let d = 0; d < D; d++) centred[n * D + d] = root * (values[n * D + d]! - mean[d]!);
  }
  const product = tidy(() => {
    const matrix = tensor2d(centred, [share.length, D]);
    return matMul(matrix, matrix, true);
  });
  const covariance = Float64Array.from(product.dataSync<'float32'>());
  product.dispose();
  const start = normals(key, D * rank);
  const { values: variances, axes, rest } = principalAxes(covariance, D, start);
  const parameters = new Float64Array((2 + rank) * D);
  parameters.set(mean);
  parameters.fill(0.5 * Math.log(rest + floor), D, 2 * D);
  for (let d = 0; d < D; d++)
    for (let r = 0; r < rank; r++)
      parameters[2 * D + d * rank + r] = axes[d * rank + r]! * Math.sqrt(Math.max(0, variances[r]! - rest));
  return { family: 'low-rank', dimensions: D, rank, parameters };
}

/** Each row wholly to the nearest of k means. */
function startShares({ values, dimensions: D }: Rows, components: number, key: RandomKey): readonly Float64Array[] {
  const count = values.length / D;
  let centres = shuffled(key, count)
    .slice(0, components)
    .map((n) => Float64Array.from(values.subarray(n * D, (n + 1) * D)));
  const nearest = new Uint32Array(count);
  for (let iteration = 0; iteration < (components === 1 ? 1 : 8); iteration++) {
    for (let n = 0; n < count; n++) nearest[n] = nearestOf(centres, values.subarray(n * D, (n + 1) * D));
    centres = centres.map((old, k) => {
      const sum = new Float64Array(D);
      let own = 0;
      for (let n = 0; n < count; n++) {
        if (nearest[n] !== k) continue;
        own++;
        for (let d = 0; d < D; d++) sum[d]! += values[n * D + d]!;
      }
      return own === 0 ? old : sum.map((value) => value / own);
    });
  }
  return centres.map((_, k) => Float64Array.from(nearest, (own) => (own === k ? 1 : 1e-6)));
}

function nearestOf(centres: readonly Float64Array[], row: Float32Array): number {
  let best = { centre: 0, square: Number.POSITIVE_INFINITY };
  for (const [centre, point] of centres.entries()) {
    let square = 0;
    for (let d = 0; d < row.length; d++) square += (row[d]! - point[d]!) ** 2;
    if (square < best.square) best = { centre, square };
  }
  return best.centre;
}
