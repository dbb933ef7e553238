import { expect, test } from 'vitest';
import { derive, rootKey } from '../tensors/random.ts';
import { searchWeight } from './component-weight.ts';
import { type DiagonalMixture, joinMixtures, prepareMixture, sampleMixture } from './diagonal-mixture.ts';
import { pruneMixture, refitWeights, worthKeeping } from './weight-refit.ts';

const key = rootKey(51);
const blob = (x: number, y: number): DiagonalMixture => ({
  dimensions: 2,
  logWeights: new Float64Array(1),
  mean: Float64Array.of(x, y),
  logVariance: new Float64Array(2),
});
const [component, mixture] = [blob(1, 0), blob(-1, 0.5)];

test.each([0.1, 0.5, 0.8])('the weight of p* = a h + (1 - a) p is found (a = %d)', (a) => {
  const aggregate = prepareMixture(joinMixtures([component, mixture], [a, 1 - a]));
  const search = { draws: 20_000, key: derive(key, 'search') };
  expect(searchWeight(prepareMixture(component), prepareMixture(mixture), aggregate, search)).toBeCloseTo(a, 6);
});

test('a component that leads away from p* gets no weight', () => {
  const search = { draws: 2000, key };
  expect(searchWeight(prepareMixture(blob(4, 4)), prepareMixture(mixture), prepareMixture(mixture), search)).toBe(0);
});

test('refitted weights are those that drew the codes, within four standard errors', () => {
  const parts = [blob(-3, 0), blob(0, 3), blob(3, 0)];
  const weights = [0.2, 0.3, 0.5];
  const count = 5000;
  const codes = sampleMixture(joinMixtures(parts, weights), count, derive(key, 'codes'));
  const found = refitWeights(joinMixtures(parts, [1 / 3, 1 / 3, 1 / 3]), codes, 200).map(Math.exp);
  for (const [n, weight] of weights.entries()) {
    const error = Math.sqrt((weight * (1 - weight)) / count);
    expect(Math.abs(found[n]! - weight)).toBeLessThan(4 * error);
  }
});

test('refitted weights are finite where no component is near', () => {
  const found = refitWeights(joinMixtures([blob(0, 0), blob(1, 1)], [0.5, 0.5]), Float64Array.of(1e3, 1e3, 2e3, -1e3));
  expect(Array.from(found).reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 9);
});

test('pruning removes what weighs next to nothing, keeps the rest in proportion, and never removes all', () => {
  const logWeights = Float64Array.of(0.6, 0.395, 0.005).map(Math.log);
  const kept = worthKeeping(logWeights, 0.02);
  expect(kept).toEqual([0, 1]);
  const pruned = pruneMixture({ ...joinMixtures([blob(0, 0), blob(1, 1), blob(2, 2)], [1, 1, 1]), logWeights }, kept);
  expect(pruned.logWeights.map(Math.exp)[0]).toBeCloseTo(0.6 / 0.995, 9);
  expect(Array.from(pruned.mean)).toEqual([0, 0, 1, 1]);
  expect(worthKeeping(Float64Array.of(-1, -2), 1e9)).toEqual([0]);
});
