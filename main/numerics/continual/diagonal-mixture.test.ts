import { describe, expect, test } from 'vitest';
import { derive, normals, rootKey } from '../tensors/random.ts';
import {
  type DiagonalMixture,
  joinMixtures,
  logDensityAt,
  prepareMixture,
  sampleMixture,
  scoreAt,
  selectComponents,
} from './diagonal-mixture.ts';

const key = rootKey(11);
const [K, L] = [4, 3];
const mixture: DiagonalMixture = {
  dimensions: L,
  logWeights: Float64Array.of(0.1, 0.2, 0.3, 0.4).map(Math.log),
  mean: normals(derive(key, 'mean'), K * L).map((x) => 2 * x),
  logVariance: normals(derive(key, 'spread'), K * L),
};

function naiveDensity({ dimensions, logWeights, mean, logVariance }: DiagonalMixture, z: Float64Array): number {
  return logWeights.reduce((sum, logWeight, k) => {
    let density = Math.exp(logWeight);
    for (let d = 0; d < dimensions; d++) {
      const variance = Math.exp(logVariance[k * dimensions + d]!);
      const distance = z[d]! - mean[k * dimensions + d]!;
      density *= Math.exp(-(distance ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
    }
    return sum + density;
  }, 0);
}

describe('a mixture on the host', () => {
  const prepared = prepareMixture(mixture);
  const points = Array.from({ length: 20 }, (_, n) => normals(derive(key, 'point', n), L).map((x) => 2 * x));

  test('has the density of the plain sum', () => {
    for (const z of points) {
      const expected = Math.log(naiveDensity(mixture, z));
      expect(logDensityAt(prepared, z)).toBeCloseTo(expected, 9);
      expect(scoreAt(prepared, z).logDensity).toBeCloseTo(expected, 9);
    }
  });

  test('has the gradient of finite differences', () => {
    const step = 1e-5;
    for (const z of points) {
      const { gradient } = scoreAt(prepared, z);
      for (let d = 0; d < L; d++) {
        const moved = (by: number) => z.map((value, at) => (at === d ? value + by : value));
        const slope = (logDensityAt(prepared, moved(step)) - logDensityAt(prepared, moved(-step))) / (2 * step);
        expect(gradient[d]).toBeCloseTo(slope, 6);
      }
    }
  });

  test('stays finite far from every component', () => {
    const far = new Float64Array(L).fill(1e4);
    expect(Number.isFinite(logDensityAt(prepared, far))).toBe(true);
    expect(logDensityAt(prepared, far)).toBeLessThan(-1e6);
  });

  test('draws have its mean and variance, within four standard errors', () => {
    const count = 40_000;
    const draws = sampleMixture(mixture, count, derive(key, 'draws'));
    for (let d = 0; d < L; d++) {
      let [mean, square] = [0, 0];
      for (let k = 0; k < K; k++) {
        const [weight, centre] = [Math.exp(mixture.logWeights[k]!), mixture.mean[k * L + d]!];
        mean += weight * centre;
        square += weight * (centre ** 2 + Math.exp(mixture.logVariance[k * L + d]!));
      }
      const own = Array.from({ length: count }, (_, n) => draws[n * L + d]!);
      const found = own.reduce((sum, value) => sum + value, 0) / count;
      const deviations = own.map((value) => (value - mean) ** 2);
      const variance = deviations.reduce((sum, value) => sum + value, 0) / count;
      const fourth = deviations.reduce((sum, value) => sum + (value - variance) ** 2, 0) / count;
      expect(Math.abs(found - mean)).toBeLessThan(4 * Math.sqrt(variance / count));
      expect(Math.abs(variance - (square - mean ** 2))).toBeLessThan(4 * Math.sqrt(fourth / count));
    }
  });

  test('comes apart and together again', () => {
    const parts = [selectComponents(mixture, [0, 1]), selectComponents(mixture, [2, 3])];
    const doubled = prepareMixture(joinMixtures(parts, [1, 1]));
    for (const z of points) expect(logDensityAt(doubled, z)).toBeCloseTo(logDensityAt(prepared, z), 12);
    const shared = prepareMixture(joinMixtures([mixture, mixture], [0.3, 0.7]));
    for (const z of points) expect(logDensityAt(shared, z)).toBeCloseTo(logDensityAt(prepared, z), 12);
  });
});
