import { describe, expect, test } from 'vitest';
import { finiteDifferences } from '../../../tests/finite-differences.ts';
import { rootKey } from '../tensors/random.ts';
import { type AdditiveMixture, openMixture } from './additive-mixture.ts';
import { startComponent } from './gaussian-component.ts';
import type { Target } from './pursuit-objective.ts';
import { refitObjective, refitWeights, weightRefitInit, weightRefitStep, weightTable } from './weight-refit.ts';

const at = (deviation: number, ...mean: number[]) =>
  startComponent({ family: 'factorised' }, Float64Array.from(mean), deviation);
const mixture = (weights: readonly number[], ...components: ReturnType<typeof at>[]): AdditiveMixture => ({
  components,
  logWeights: weights.map(Math.log),
});
const targetOf = (of: AdditiveMixture): Target => {
  const open = openMixture(of);
  return (point) => open.evaluate(point);
};

const parts = [at(1, -3, 0), at(0.7, 3, 1), at(0.5, 0, 4)];
const truth = mixture([0.2, 0.5, 0.3], ...parts);

describe('the refit of all weights', () => {
  test('finds the weights of a target that is made of the components', () => {
    const start = mixture([0.8, 0.1, 0.1], ...parts);
    const refitted = refitWeights(start, weightTable(start, targetOf(truth), 2000, rootKey(1)));
    expect(refitted.logWeights.map(Math.exp)).toEqual([0.2, 0.5, 0.3].map((weight) => expect.closeTo(weight, 1)));
    const total = refitted.logWeights.map(Math.exp).reduce((sum, weight) => sum + weight);
    expect(total).toBeCloseTo(1, 9);
  });

  test('drops components that are degenerate or lie where the target is not', () => {
    const start = mixture([0.2, 0.2, 0.2, 0.2, 0.2], ...parts, at(1e-9, 0, 0), at(1, 50, 50));
    const refitted = refitWeights(start, weightTable(start, targetOf(truth), 500, rootKey(1)));
    expect(refitted.components).toEqual(parts);
  });

  test('never raises the KL that it estimates, and is a pure step', () => {
    const start = mixture([0.9, 0.05, 0.05], ...parts);
    const table = weightTable(start, targetOf(truth), 300, rootKey(2));
    let state = weightRefitInit(start.logWeights, table);
    const first = state.objective;
    for (let step = 0; step < 60; step++) {
      const next = weightRefitStep(Object.freeze(state), table);
      expect(next).toEqual(weightRefitStep(state, table));
      expect(next.objective).toBeLessThanOrEqual(state.objective);
      state = next;
    }
    expect(state.objective).toBeLessThan(first - 0.3);
  });

  test('has the gradient of the KL by the weights, up to what the simplex ignores', () => {
    const start = mixture([0.4, 0.35, 0.25], ...parts);
    const table = weightTable(start, targetOf(truth), 20_000, rootKey(3));
    const { gradient } = refitObjective(start.logWeights, table);
    const objective = (weights: Float64Array): number => refitObjective(Array.from(weights, Math.log), table).value;
    const slopes = finiteDifferences(objective, Float64Array.from(start.logWeights, Math.exp), 1e-3);
    const along = (values: ArrayLike<number>) => [values[0]! - values[1]!, values[1]! - values[2]!];
    for (const [n, slope] of along(slopes).entries()) expect(Math.abs(along(gradient)[n]! - slope)).toBeLessThan(0.03);
    expect(Math.abs(along(slopes)[0]!)).toBeGreaterThan(0.3);
  });
});
