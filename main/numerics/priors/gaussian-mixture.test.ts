import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { normals, rootKey } from '../tensors/random.ts';
import { factorisedLogDensity, fitGaussianMixture, mixtureLogDensity, type Points } from './gaussian-mixture.ts';

const settings = { components: 1, iterations: 1, ridge: 0 };
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Correlated pairs (x, 0.8 x + 0.6 y) around (1, -2). */
const correlated = (seed: number, count: number): Points => {
  const noise = normals(rootKey(seed), 2 * count);
  return {
    dimensions: 2,
    values: noise.map((value, n) => (n % 2 === 0 ? 1 + value : -2 + 0.8 * noise[n - 1]! + 0.6 * value)),
  };
};
/** Two far groups of equal size. */
const twoGroups = (seed: number, count: number): Points => ({
  dimensions: 2,
  values: normals(rootKey(seed), 2 * count).map((value, n) => value + (Math.floor(n / 2) % 2 === 0 ? 6 : -6)),
});

describe.skipIf(!useTensorflow())('Gaussian mixture', () => {
  it('has the entropy of a correlated Gaussian, which a factorised one misses by the mutual information', () => {
    const [fitted, judged] = [correlated(1, 20000), correlated(2, 20000)];
    const entropy = Math.log(2 * Math.PI * Math.E) + Math.log(0.6); // determinant 0.36
    const full = -mean(mixtureLogDensity(fitGaussianMixture(fitted, settings, rootKey(3)), judged));
    expect(Math.abs(full - entropy)).toBeLessThan(0.03);
    expect(Math.abs(-mean(factorisedLogDensity(fitted, judged)) - full + Math.log(0.6))).toBeLessThan(0.03);
  });

  it('finds two groups, and gains on one Gaussian what they are apart', () => {
    const [fitted, judged] = [twoGroups(4, 4000), twoGroups(5, 4000)];
    const mixture = fitGaussianMixture(fitted, { components: 2, iterations: 20, ridge: 1e-6 }, rootKey(6));
    const truth = Math.log(2 * Math.PI * Math.E) + Math.LN2;
    expect(Math.abs(-mean(mixtureLogDensity(mixture, judged)) - truth)).toBeLessThan(0.05);
    expect(-mean(mixtureLogDensity(fitGaussianMixture(fitted, settings, rootKey(6)), judged))).toBeGreaterThan(
      truth + 0.5,
    );
  });
});
