import { type AdditiveMixture, openMixture } from '../../numerics/posteriors/additive-mixture.ts';
import { componentCovariance } from '../../numerics/posteriors/component-covariance.ts';
import { type GaussianComponent, meanOf, startComponent } from '../../numerics/posteriors/gaussian-component.ts';
import { derive, normals, type RandomKey, uniforms } from '../../numerics/tensors/random.ts';

/** A target in the plane with known density: two groups of blobs far apart. */
export interface TwoGroups {
  readonly target: AdditiveMixture;
  /** Weight, mean [2] and covariance [2, 2] of each group. */
  readonly groups: readonly GroupMoments[];
}

export interface GroupMoments {
  readonly weight: number;
  readonly mean: readonly number[];
  readonly covariance: readonly number[];
}

const centres = [
  [-2.5, -1.5],
  [2.5, 1.5],
] as const;
const blobsEach = 4;
const blobDeviation = 0.5;

/** Blobs of a group lie along a slanted line, near enough to make one hill with bumps; their places and weights are drawn. */
export function twoGroups(key: RandomKey): TwoGroups {
  const parts = centres.flatMap((centre, g) => {
    const jitter = normals(derive(key, 'places', g), 2 * blobsEach);
    const sizes = uniforms(derive(key, 'sizes', g), blobsEach);
    const slant = g === 0 ? 1 : -1;
    return Array.from({ length: blobsEach }, (_, n) => {
      const along = 0.8 * (n - (blobsEach - 1) / 2);
      const mean = [centre[0] + along + 0.15 * jitter[2 * n]!, centre[1] + slant * along + 0.15 * jitter[2 * n + 1]!];
      return { group: g, mean, size: (g === 0 ? 1.5 : 1) * (0.7 + 0.6 * sizes[n]!) };
    });
  });
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  return {
    target: {
      components: parts.map(
        ({ mean }): GaussianComponent =>
          startComponent({ family: 'factorised' }, Float64Array.from(mean), blobDeviation),
      ),
      logWeights: parts.map(({ size }) => Math.log(size / total)),
    },
    groups: centres.map((_, g) =>
      momentsOf(
        parts.filter(({ group }) => group === g),
        total,
      ),
    ),
  };
}

function momentsOf(
  parts: readonly { readonly mean: readonly number[]; readonly size: number }[],
  total: number,
): GroupMoments {
  const own = parts.reduce((sum, { size }) => sum + size, 0);
  const average = (of: (mean: readonly number[]) => number): number =>
    parts.reduce((sum, { mean, size }) => sum + (size / own) * of(mean), 0);
  const mean = [average(([x]) => x!), average(([, y]) => y!)];
  const product = (a: number, b: number): number => average((at) => (at[a]! - mean[a]!) * (at[b]! - mean[b]!));
  const within = blobDeviation ** 2;
  return {
    weight: own / total,
    mean,
    covariance: [product(0, 0) + within, product(0, 1), product(1, 0), product(1, 1) + within],
  };
}

/** The square that holds all but nothing of target and mixtures, and a grid over it. */
export const plane = { low: -9, high: 9, points: 301 } as const;

/** KL(mixture || target) in nats, by the sum over the grid: exact to 1e-6 for deviations from 0.1 up. */
export function planeDivergence(mixture: AdditiveMixture, target: AdditiveMixture): number {
  const { low, high, points } = plane;
  const [q, p] = [openMixture(mixture), openMixture(target)];
  const step = (high - low) / (points - 1);
  let sum = 0;
  for (let i = 0; i < points; i++)
    for (let j = 0; j < points; j++) {
      const point = Float64Array.of(low + i * step, low + j * step);
      const log = q.logDensity(point);
      if (log > -60) sum += Math.exp(log) * (log - p.logDensity(point));
    }
  return sum * step * step;
}

/**
 * How two components lie on the two groups: the greater KL in nats of a component to the Gaussian with its group's moments, and the distance of
 * the weights from the groups' shares. Components and groups are paired by the nearer means.
 */
export function groupFit(
  { components, logWeights }: AdditiveMixture,
  groups: readonly GroupMoments[],
): { readonly groupKl: number; readonly groupWeightError: number } | undefined {
  if (components.length !== groups.length) return undefined;
  const pairs = components.map((component, k) => {
    const far = (group: GroupMoments): number =>
      Math.hypot(...meanOf(component).map((value, d) => value - group.mean[d]!));
    const group = groups.reduce((best, one) => (far(one) < far(best) ? one : best));
    return { component, group, weight: Math.exp(logWeights[k]!) };
  });
  return {
    groupKl: Math.max(...pairs.map(({ component, group }) => gaussianDivergence(component, group))),
    groupWeightError: Math.max(...pairs.map(({ group, weight }) => Math.abs(weight - group.weight))),
  };
}

/** KL of a component in the plane to the Gaussian with some moments, nats. */
function gaussianDivergence(component: GaussianComponent, { mean, covariance }: GroupMoments): number {
  const [a, b, c, d] = covariance as [number, number, number, number];
  const determinant = a * d - b * c;
  const own = componentCovariance(component);
  const offset = meanOf(component).map((value, n) => value - mean[n]!);
  const inverse = [d / determinant, -b / determinant, -c / determinant, a / determinant] as const;
  const trace = inverse[0] * own[0]! + inverse[1] * own[2]! + inverse[2] * own[1]! + inverse[3] * own[3]!;
  const square =
    offset[0]! * (inverse[0] * offset[0]! + inverse[1] * offset[1]!) +
    offset[1]! * (inverse[2] * offset[0]! + inverse[3] * offset[1]!);
  const ownDeterminant = own[0]! * own[3]! - own[1]! * own[2]!;
  return 0.5 * (trace + square - 2 + Math.log(determinant / ownDeterminant));
}
