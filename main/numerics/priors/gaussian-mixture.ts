import { cholesky } from '../tensors/cholesky.ts';
import { derive, type RandomKey, uniforms } from '../tensors/random.ts';

/** Points row by row, [n, dimensions]. */
export interface Points {
  readonly values: Float64Array;
  readonly dimensions: number;
}

/** A mixture of Gaussians with full covariances; one component is a plain Gaussian. */
export interface GaussianMixture {
  readonly components: readonly GaussianComponent[];
}

interface GaussianComponent {
  readonly logWeight: number;
  readonly mean: Float64Array;
  /** Lower factor of the covariance, row-major [dimensions, dimensions]. */
  readonly factor: Float64Array;
}

export interface MixtureSettings {
  readonly components: number;
  readonly iterations: number;
  /** Share of the points' mean variance that is added to each covariance's diagonal. */
  readonly ridge: number;
}

const log2Pi = Math.log(2 * Math.PI);
export const countPoints = ({ values, dimensions }: Points): number => values.length / dimensions;

/** Expectation maximisation (Dempster, Laird and Rubin 1977) from k-means++ seeds (Arthur and Vassilvitskii 2007). */
export function fitGaussianMixture(points: Points, settings: MixtureSettings, key: RandomKey): GaussianMixture {
  const ridge = settings.ridge * meanVariance(points);
  let shares = sharesOfSeeds(points, settings.components, key);
  for (let iteration = 1; ; iteration++) {
    const mixture = { components: shares.map((share) => component(points, share, ridge)) };
    if (iteration >= settings.iterations) return mixture;
    shares = responsibilities(mixture, points);
  }
}

/** Each point wholly to its nearest seed; each next seed is drawn by the squared distance to those before. */
function sharesOfSeeds(points: Points, components: number, key: RandomKey): readonly Float64Array[] {
  const count = countPoints(points);
  const distance = new Float64Array(count).fill(1);
  const nearest = new Uint32Array(count);
  for (const [seed, u] of uniforms(derive(key, 'seeds'), components).entries()) {
    const chosen = pointAt(points, drawByWeight(distance, u));
    for (let n = 0; n < count; n++) {
      const here = squaredDistance(pointAt(points, n), chosen);
      if (seed > 0 && here >= distance[n]!) continue;
      distance[n] = here;
      nearest[n] = seed;
    }
  }
  return Array.from({ length: components }, (_, seed) => Float64Array.from(nearest, (own) => (own === seed ? 1 : 0)));
}

function drawByWeight(weights: Float64Array, u: number): number {
  let left = u * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return found === -1 ? weights.length - 1 : found;
}

const squaredDistance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, d) => sum + (value - b[d]!) ** 2, 0);

/** log density of each point, nats. */
export function mixtureLogDensity(mixture: GaussianMixture, points: Points): Float64Array {
  const parts = mixture.components.map((one) => weightedLogDensity(one, points));
  return Float64Array.from({ length: countPoints(points) }, (_, n) => logSumExp(parts, n));
}

/** A Gaussian for each dimension by itself; log density of each point under it. */
export function factorisedLogDensity(fitted: Points, points: Points): Float64Array {
  const { dimensions } = fitted;
  const [mean, variance] = moments(fitted);
  return Float64Array.from({ length: countPoints(points) }, (_, n) => {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) {
      const distance = points.values[n * dimensions + d]! - mean[d]!;
      sum -= 0.5 * (log2Pi + Math.log(variance[d]!) + distance ** 2 / variance[d]!);
    }
    return sum;
  });
}

function responsibilities(mixture: GaussianMixture, points: Points): readonly Float64Array[] {
  const parts = mixture.components.map((one) => weightedLogDensity(one, points));
  const totals = Float64Array.from({ length: countPoints(points) }, (_, n) => logSumExp(parts, n));
  return parts.map((part) => part.map((value, n) => Math.exp(value - totals[n]!)));
}

function logSumExp(parts: readonly Float64Array[], n: number): number {
  const greatest = parts.reduce((most, part) => Math.max(most, part[n]!), Number.NEGATIVE_INFINITY);
  return greatest + Math.log(parts.reduce((sum, part) => sum + Math.exp(part[n]! - greatest), 0));
}

/** Weighted mean and covariance of the points. */
function component(points: Points, shares: Float64Array, ridge: number): GaussianComponent {
  const { values, dimensions: D } = points;
  const total = shares.reduce((sum, share) => sum + share, 0) + 1e-9;
  const mean = new Float64Array(D);
  for (let n = 0; n < shares.length; n++)
    for (let d = 0; d < D; d++) mean[d]! += (shares[n]! * values[n * D + d]!) / total;
  const covariance = new Float64Array(D * D);
  const centred = new Float64Array(D);
  for (let n = 0; n < shares.length; n++) {
    if (shares[n]! < 1e-6) continue;
    for (let d = 0; d < D; d++) centred[d] = values[n * D + d]! - mean[d]!;
    for (let r = 0; r < D; r++) {
      const scaled = (shares[n]! * centred[r]!) / total;
      for (let c = 0; c <= r; c++) covariance[r * D + c]! += scaled * centred[c]!;
    }
  }
  for (let d = 0; d < D; d++) covariance[d * D + d]! += ridge;
  return { logWeight: Math.log(total / shares.length), mean, factor: cholesky(covariance, D) };
}

function weightedLogDensity(
  { logWeight, mean, factor }: GaussianComponent,
  { values, dimensions: D }: Points,
): Float64Array {
  let constant = logWeight - 0.5 * D * log2Pi;
  for (let d = 0; d < D; d++) constant -= Math.log(factor[d * D + d]!);
  const columns = Float64Array.from(factor, (_, n) => factor[(n % D) * D + Math.floor(n / D)]!);
  const rest = new Float64Array(D);
  const result = new Float64Array(values.length / D);
  for (let n = 0; n < result.length; n++) {
    for (let r = 0; r < D; r++) rest[r] = values[n * D + r]! - mean[r]!;
    let square = 0;
    // forward substitution column by column: no sum waits for the one before it
    for (let c = 0; c < D; c++) {
      const solved = rest[c]! / columns[c * D + c]!;
      square += solved * solved;
      for (let r = c + 1; r < D; r++) rest[r]! -= columns[c * D + r]! * solved;
    }
    result[n] = constant - 0.5 * square;
  }
  return result;
}

const pointAt = ({ values, dimensions }: Points, n: number): Float64Array =>
  values.subarray(n * dimensions, (n + 1) * dimensions);

/** Mean and variance of each dimension. */
function moments({ values, dimensions }: Points): readonly [Float64Array, Float64Array] {
  const count = values.length / dimensions;
  const mean = new Float64Array(dimensions);
  const variance = new Float64Array(dimensions);
  for (let n = 0; n < values.length; n++) mean[n % dimensions]! += values[n]! / count;
  for (let n = 0; n < values.length; n++)
    variance[n % dimensions]! += (values[n]! - mean[n % dimensions]!) ** 2 / count;
  return [mean, variance];
}

const meanVariance = (points: Points): number =>
  moments(points)[1].reduce((sum, value) => sum + value, 0) / points.dimensions;
