import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { type AdditiveMixture, drawPoint, openMixture } from '../posteriors/additive-mixture.ts';
import type { Rows } from '../posteriors/batch-log-density.ts';
import { componentCovariance } from '../posteriors/component-covariance.ts';
import { meanOf, startComponent } from '../posteriors/gaussian-component.ts';
import { derive, normals, type RandomKey, rootKey } from '../tensors/random.ts';
import { densityOf, fitDensity } from './class-density.ts';
import { principalAxes } from './principal-axes.ts';

const there = useTensorflow();
const D = 6;

/** Two clusters, each wide along one direction. */
const clusters: AdditiveMixture = {
  components: [0, 1].map((k) => {
    const mean = Float64Array.from({ length: D }, (_, d) => (k === 0 ? -2 : 2) * Math.cos(d));
    const { parameters, ...rest } = startComponent({ family: 'low-rank', rank: 1 }, mean, 0.3);
    return {
      ...rest,
      parameters: parameters.map((value, n) => (n < 2 * D ? value : Math.sin((k + 1) * (n - 2 * D + 1)))),
    };
  }),
  logWeights: [Math.log(0.35), Math.log(0.65)],
};

function rowsOf(mixture: AdditiveMixture, count: number, key: RandomKey): Rows {
  const values = new Float32Array(count * D);
  for (let n = 0; n < count; n++) values.set(drawPoint(mixture, key, n), n * D);
  return { values, dimensions: D };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('principal axes', () => {
  test('are those that a covariance was made of', () => {
    const angle = 0.7;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    // variances 9 and 4 in a turned plane, 1 and 0.5 along the other axes
    const covariance = Float64Array.of(
      ...[9 * c * c + 4 * s * s, 5 * c * s, 0, 0],
      ...[5 * c * s, 9 * s * s + 4 * c * c, 0, 0],
      ...[0, 0, 1, 0],
      ...[0, 0, 0, 0.5],
    );
    const { values, axes, rest } = principalAxes(covariance, 4, normals(rootKey(1), 8));
    expect(Array.from(values)).toEqual([expect.closeTo(9, 3), expect.closeTo(4, 3)]);
    expect(Math.abs(axes[0]! * c + axes[2]! * s)).toBeCloseTo(1, 4); // the first column lies along (c, s)
    expect(rest).toBeCloseTo(0.75, 3);
  });
});

describe.skipIf(!there)('the density of a class', () => {
  const settings = { components: 1, rank: 2, floor: 0, iterations: 30 };

  test('with one component has the mean of the rows, their variances along the axes, and one for the rest', () => {
    const rows = rowsOf({ components: clusters.components.slice(0, 1), logWeights: [0] }, 4000, rootKey(1));
    const { components } = fitDensity(rows, settings, rootKey(2));
    const own = Float64Array.from({ length: D }, (_, d) => mean(rows.values.filter((_, n) => n % D === d)));
    for (const [d, value] of meanOf(components[0]!).entries()) expect(value).toBeCloseTo(own[d]!, 4);
    const trace = (of: Float64Array): number =>
      Array.from({ length: D }, (_, d) => of[d * D + d]!).reduce((a, b) => a + b);
    const sample = mean(rows.values.map((value, n) => (value - own[n % D]!) ** 2)) * D;
    expect(trace(componentCovariance(components[0]!))).toBeCloseTo(sample, 3);
    const truth = componentCovariance(clusters.components[0]!);
    const found = componentCovariance(components[0]!);
    for (const [n, value] of found.entries()) expect(Math.abs(value - truth[n]!)).toBeLessThan(0.12);
  });

  test('by expectation maximisation comes near the true density on rows that it has not seen, one Gaussian does not', () => {
    const [rows, unseen] = [rowsOf(clusters, 3000, rootKey(3)), rowsOf(clusters, 2000, rootKey(4))];
    const open = openMixture(clusters);
    const truth = mean(
      Array.from({ length: 2000 }, (_, n) =>
        open.logDensity(Float64Array.from(unseen.values.subarray(n * D, (n + 1) * D))),
      ),
    );
    const worth = (components: number): number =>
      mean(densityOf(fitDensity(rows, { ...settings, components, rank: 1 }, rootKey(5)), unseen));
    expect(worth(2)).toBeGreaterThan(truth - 0.05);
    expect(worth(1)).toBeLessThan(truth - 0.5);
  });

  test('depends on rows, settings and key alone, and leaves no tensor', () => {
    const rows = rowsOf(clusters, 300, rootKey(6));
    const before = memory().numTensors;
    const first = fitDensity(rows, { ...settings, components: 3 }, derive(rootKey(7), 'a'));
    expect(fitDensity(rows, { ...settings, components: 3 }, derive(rootKey(7), 'a'))).toEqual(first);
    densityOf(first, rows);
    expect(memory().numTensors).toBe(before);
  });

  test('stays finite with more axes than rows, given a floor', () => {
    const rows = rowsOf(clusters, 4, rootKey(8));
    const density = fitDensity(rows, { components: 3, rank: 5, floor: 1e-3, iterations: 5 }, rootKey(9));
    expect(densityOf(density, rowsOf(clusters, 50, rootKey(10))).every(Number.isFinite)).toBe(true);
  });
});
