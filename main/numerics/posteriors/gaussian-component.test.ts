import { describe, expect, test } from 'vitest';
import { finiteDifferences, relativeDistance } from '../../../tests/finite-differences.ts';
import { cholesky, solveLower } from '../tensors/cholesky.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { boundDeviations } from './bound-deviations.ts';
import { componentCovariance } from './component-covariance.ts';
import { countParameters, type Family, type GaussianComponent, openGaussian } from './gaussian-component.ts';

const D = 4;
const rank = 2;
const families: readonly Family[] = ['factorised', 'low-rank', 'full'];

function component(family: Family): GaussianComponent {
  const own = family === 'low-rank' ? rank : 0;
  const count = countParameters(family, D, own);
  const parameters = normals(derive(rootKey(1), family), count).map((value) => 0.6 * value);
  return { family, dimensions: D, rank: own, parameters };
}

describe.each(families)('a %s component', (family) => {
  const one = component(family);
  const open = openGaussian(one);
  const x = normals(rootKey(2), D);
  const noise = normals(rootKey(3), open.noiseCount);
  const withParameters = (parameters: Float64Array) => openGaussian({ ...one, parameters });

  test('has the density and the entropy of the covariance that its draws have', () => {
    const factor = cholesky(componentCovariance(one), D);
    const whitened = solveLower(
      factor,
      x.map((value, d) => value - one.parameters[d]!),
    );
    const logDeterminant = Array.from({ length: D }, (_, d) => Math.log(factor[d * D + d]!)).reduce((a, b) => a + b);
    const square = whitened.reduce((sum, value) => sum + value ** 2, 0);
    const constant = -0.5 * D * Math.log(2 * Math.PI) - logDeterminant;
    expect(open.logDensity(x)).toBeCloseTo(constant - 0.5 * square, 9);
    expect(open.entropy()).toBeCloseTo(0.5 * D - constant, 9);
  });

  test('has the gradients that finite differences find', () => {
    expect(relativeDistance(open.score(x), finiteDifferences(open.logDensity, x))).toBeLessThan(1e-7);
    expect(
      relativeDistance(
        open.entropyGradient(),
        finiteDifferences((values) => withParameters(values).entropy(), one.parameters),
      ),
    ).toBeLessThan(1e-7);
    const height = (point: Float64Array): number => point.reduce((sum, value, d) => sum + Math.sin(value + d), 0);
    const slope = open.place(noise).map((value, d) => Math.cos(value + d));
    expect(
      relativeDistance(
        open.pullBack(noise, slope),
        finiteDifferences((values) => height(withParameters(values).place(noise)), one.parameters),
      ),
    ).toBeLessThan(1e-7);
  });

  test('has the covariance of its draws', () => {
    const count = 20_000;
    const draws = Array.from({ length: count }, (_, n) => open.place(normals(derive(rootKey(4), n), open.noiseCount)));
    const covariance = componentCovariance(one);
    for (let r = 0; r < D; r++)
      for (let c = 0; c <= r; c++) {
        const products = draws.map((draw) => (draw[r]! - one.parameters[r]!) * (draw[c]! - one.parameters[c]!));
        const mean = products.reduce((sum, value) => sum + value, 0) / count;
        const variance = products.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
        expect(Math.abs(mean - covariance[r * D + c]!)).toBeLessThan(4.5 * Math.sqrt(variance / count));
      }
  });

  test('keeps its deviations between floor and cap, and what is between them as it is', () => {
    const deviations = (of: GaussianComponent) =>
      Array.from({ length: D }, (_, d) => Math.sqrt(componentCovariance(of)[d * D + d]!));
    const wide = { ...one, parameters: one.parameters.map((value, n) => (n < D ? value : value + 3)) };
    const bounds = { deviationFloor: 0.5, deviationCap: 2 };
    for (const deviation of deviations(boundDeviations(wide, bounds))) expect(deviation).toBeLessThan(2 + 1e-9);
    const narrow = { ...one, parameters: one.parameters.map((value, n) => (n < D ? value : value - 9)) };
    for (const deviation of deviations(boundDeviations(narrow, bounds))) expect(deviation).toBeGreaterThan(0.5 - 1e-9);
    expect(boundDeviations(one, { deviationFloor: 1e-3, deviationCap: 1e3 })).toEqual(one);
  });

  test('refuses parameters of another shape', () => {
    expect(() => openGaussian({ ...one, parameters: one.parameters.slice(1) })).toThrow(RangeError);
  });
});
