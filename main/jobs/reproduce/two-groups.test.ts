import { describe, expect, test } from 'vitest';
import { addComponent, drawPoint, mixtureOf } from '../../numerics/posteriors/additive-mixture.ts';
import { type GaussianComponent, startComponent } from '../../numerics/posteriors/gaussian-component.ts';
import { derive, rootKey } from '../../numerics/tensors/random.ts';
import { groupFit, planeDivergence, twoGroups } from './two-groups.ts';

const { target, groups } = twoGroups(derive(rootKey(3), 'target'));
const gaussian = (deviation: number, ...mean: number[]) =>
  startComponent({ family: 'factorised' }, Float64Array.from(mean), deviation);

/** The Gaussian with a group's moments. */
function sitting(g: number): GaussianComponent {
  const { mean, covariance } = groups[g]!;
  const first = Math.sqrt(covariance[0]!);
  const below = covariance[2]! / first;
  const parameters = [...mean, Math.log(first), 0.5 * Math.log(covariance[3]! - below ** 2), below];
  return { family: 'full', dimensions: 2, rank: 0, parameters: Float64Array.from(parameters) };
}

describe('the target of two groups', () => {
  test('has groups with the moments that its draws have', () => {
    const points = Array.from({ length: 20_000 }, (_, n) => drawPoint(target, rootKey(1), n));
    for (const [g, { weight, mean, covariance }] of groups.entries()) {
      const own = points.filter((point) => (point[0]! + point[1]! < 0 ? 0 : 1) === g);
      expect(own.length / points.length).toBeCloseTo(weight, 1);
      const average = (of: (point: Float64Array) => number) => own.reduce((sum, one) => sum + of(one), 0) / own.length;
      for (const d of [0, 1]) {
        expect(Math.abs(average((point) => point[d]!) - mean[d]!)).toBeLessThan(0.05);
        const variance = average((point) => (point[d]! - mean[d]!) ** 2);
        expect(Math.abs(variance - covariance[3 * d]!)).toBeLessThan(0.08);
      }
      const product = average((point) => (point[0]! - mean[0]!) * (point[1]! - mean[1]!));
      expect(Math.abs(product - covariance[1]!)).toBeLessThan(0.08);
    }
  });

  test('is told apart: the fit of components that sit on the groups is perfect, of others it is the KL in closed form', () => {
    const perfect = addComponent(mixtureOf(sitting(1)), sitting(0), groups[0]!.weight);
    expect(groupFit(perfect, groups)).toEqual({
      groupKl: expect.closeTo(0, 9),
      groupWeightError: expect.closeTo(0, 9),
    });
    const wide = { ...sitting(0), parameters: sitting(0).parameters.slice() };
    for (const n of [2, 3]) wide.parameters[n]! += Math.LN2;
    wide.parameters[4]! *= 2; // covariance times 4
    const fit = groupFit(addComponent(mixtureOf(sitting(1)), wide, groups[0]!.weight + 0.1), groups);
    expect(fit).toEqual({
      groupKl: expect.closeTo(0.5 * (2 * 4 - 2 - 2 * Math.log(4)), 9),
      groupWeightError: expect.closeTo(0.1, 9),
    });
    expect(groupFit(mixtureOf(wide), groups)).toBeUndefined();
  });

  test('has a divergence by summation that agrees with the closed form', () => {
    expect(planeDivergence(target, target)).toBeCloseTo(0, 9);
    const [p, q] = [gaussian(1, 0, 0), gaussian(0.4, 0.5, -0.3)];
    const closed = 0.5 * ((2 * 0.16 + 0.34) / 1 - 2 - 2 * Math.log(0.16));
    expect(planeDivergence(mixtureOf(q), mixtureOf(p))).toBeCloseTo(closed, 6);
  });
});
