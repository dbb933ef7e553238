import {
  dispose,
  scalar,
  stack,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
  unstack,
} from '@tensorflow/tfjs-core';
import { cholesky, solveLower } from '../tensors/cholesky.ts';
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
  const rows = asTensor(points);
  let shares = sharesOfSeeds(points, settings.components, key);
  for (let iteration = 1; ; iteration++) {
    const each = unstack(shares) as Tensor1D[];
    const mixture = { components: each.map((share) => component(rows, share, ridge)) };
    dispose([shares, ...each]);
    if (iteration === settings.iterations) {
      rows.dispose();
      return mixture;
    }
    shares = tidy(() => {
      const densities = weightedLogDensities(mixture, rows);
      return densities.sub(densities.logSumExp(0, true)).exp() as Tensor2D;
    });
  }
}

const asTensor = ({ values, dimensions }: Points): Tensor2D =>
  tensor2d(Float32Array.from(values), [values.length / dimensions, dimensions]);

/** [components, n]: each point wholly to its nearest seed; each next seed is drawn by the squared distance to those before. */
function sharesOfSeeds(points: Points, components: number, key: RandomKey): Tensor2D {
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
  const shares = new Float32Array(components * count);
  for (const [n, seed] of nearest.entries()) shares[seed * count + n] = 1;
  return tensor2d(shares, [components, count]);
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
export function mixtureLogDensity(mixture: GaussianMixture, points: Points): Float32Array {
  const density = tidy(() => weightedLogDensities(mixture, asTensor(points)).logSumExp(0));
  const values = density.dataSync<'float32'>();
  density.dispose();
  return values;
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

/** Weighted mean and covariance of the points. */
function component(rows: Tensor2D, share: Tensor1D, ridge: number): GaussianComponent {
  const [count, D] = rows.shape;
  const [total, middle, spread] = tidy(() => {
    const sum = share.sum().add(scalar(1e-9));
    const weights = share.div(sum).expandDims(1);
    const mean = rows.mul(weights).sum(0, true);
    const centred = rows.sub(mean);
    return [sum, mean, centred.mul(weights).matMul(centred, true, false)] as [Tensor, Tensor, Tensor];
  });
  const lower = Float64Array.from(spread.dataSync<'float32'>());
  for (let d = 0; d < D; d++) lower[d * D + d]! += ridge;
  const logWeight = Math.log(total.dataSync<'float32'>()[0]! / count);
  const mean = Float64Array.from(middle.dataSync<'float32'>());
  dispose([total, middle, spread]);
  return { logWeight, mean, factor: cholesky(lower, D) };
}

/** log(weight x density) of each component, [components, n]: points are whitened by the factor's inverse, so that a density is a sum of squares. */
const weightedLogDensities = ({ components }: GaussianMixture, rows: Tensor2D): Tensor2D =>
  stack(
    components.map(({ logWeight, mean, factor }) => {
      const D = mean.length;
      let constant = logWeight - 0.5 * D * log2Pi;
      for (let d = 0; d < D; d++) constant -= Math.log(factor[d * D + d]!);
      const inverse = new Float32Array(D * D); // transposed: column c of the factor's inverse is row c
      for (let c = 0; c < D; c++) inverse.set(solveLower(factor, new Float64Array(D).fill(1, c, c + 1)), c * D);
      const white = rows.sub(tensor1d(Float32Array.from(mean))).matMul(tensor2d(inverse, [D, D]));
      return white.square().sum(1).mul(scalar(-0.5)).add(scalar(constant));
    }),
  ) as Tensor2D;

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
