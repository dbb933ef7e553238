import { describe, expect, test } from 'vitest';
import { rootKey } from '../tensors/random.ts';
import { type AdditiveMixture, addComponent, mixtureOf, openMixture } from './additive-mixture.ts';
import { type GaussianComponent, startComponent } from './gaussian-component.ts';
import { gatherEvidence } from './pursuit.ts';
import type { Target } from './pursuit-objective.ts';
import {
  dualityGap,
  searchWeight,
  type WeightEvidence,
  weightBounds,
  weightGradient,
  weightObjective,
  weightSearchInit,
  weightSearchStep,
} from './weight-search.ts';

const at = (deviation: number, mean: number): GaussianComponent =>
  startComponent({ family: 'factorised' }, Float64Array.of(mean), deviation);
const targetOf = (mixture: AdditiveMixture): Target => {
  const open = openMixture(mixture);
  return (point) => open.evaluate(point);
};

/** q = N(-2, 1), h = N(2, 1), and a target that holds both: the best weight is the target's own. */
const evidenceFor = (share: number, draws = 4000): WeightEvidence => {
  const q = mixtureOf(at(1, -2));
  const target = targetOf(addComponent(q, at(1, 2), share));
  return gatherEvidence(q, at(1, 2), { target, draws }, rootKey(1));
};

describe('the weight of a new component', () => {
  test.each([0.1, 0.35, 0.5, 0.8])('of a target that holds it by %f is found', (share) => {
    const found = searchWeight(evidenceFor(share));
    expect(Math.abs(found - share)).toBeLessThan(0.02);
  });

  test('has a gradient that is the difference quotient of the KL, which is convex', () => {
    const evidence = evidenceFor(0.3, 40_000);
    for (const weight of [0.1, 0.5, 0.9]) {
      const step = 0.02;
      const slope = (weightObjective(weight + step, evidence) - weightObjective(weight - step, evidence)) / (2 * step);
      expect(Math.abs(weightGradient(weight, evidence) - slope)).toBeLessThan(0.03);
    }
    const slopes = [0.05, 0.2, 0.3, 0.5, 0.7, 0.95].map((weight) => weightGradient(weight, evidence));
    expect(slopes).toEqual([...slopes].sort((a, b) => a - b));
    expect([slopes[0]! < -0.1, slopes[5]! > 0.1]).toEqual([true, true]);
  });

  test('stays within its bounds where the new component is worthless, or everything', () => {
    const worthless = { atMixture: logs([0, -1e5, 0]), atComponent: logs([-1e5, 0, -1e6]) };
    expect(searchWeight(worthless)).toBe(weightBounds.low);
    const everything = { atMixture: logs([0, -1e5, -1e6]), atComponent: logs([-1e5, 0, 0]) };
    expect(searchWeight(everything)).toBeGreaterThan(0.99);
  });

  test('moves by a step that depends on state and evidence alone', () => {
    const evidence = evidenceFor(0.3);
    const state = Object.freeze(weightSearchInit());
    expect(weightSearchStep(state, evidence)).toEqual(weightSearchStep(state, evidence));
    expect(weightSearchStep(state, evidence)).toMatchObject({ iteration: 1, isDone: false });
  });
});

/** One draw with log densities of mixture, component and target. */
const logs = ([mixture, component, target]: readonly [number, number, number]) => ({
  mixture: Float64Array.of(mixture),
  component: Float64Array.of(component),
  target: Float64Array.of(target),
});

describe('the estimated duality gap', () => {
  test('is nothing where the mixture is the target', () => {
    const q = mixtureOf(at(1, -2));
    const { gap, standardError } = dualityGap(
      gatherEvidence(q, at(1, 2), { target: targetOf(q), draws: 1000 }, rootKey(1)),
    );
    expect(Math.abs(gap)).toBeLessThan(1e-12 + 3 * standardError);
  });

  test('is above KL(q || p) where a component covers what is missed', () => {
    const q = mixtureOf(at(1, -2));
    const p = addComponent(q, at(1, 2), 0.5);
    const evidence = gatherEvidence(q, at(1, 2), { target: targetOf(p), draws: 4000 }, rootKey(1));
    const { gap, standardError } = dualityGap(evidence);
    const divergence = weightObjective(1e-12, evidence); // KL(q || p), of nearly no component
    expect(divergence).toBeGreaterThan(0.5);
    expect(gap).toBeGreaterThan(divergence - 3 * standardError);
  });
});
