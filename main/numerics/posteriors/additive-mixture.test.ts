import { describe, expect, test } from 'vitest';
import { finiteDifferences, relativeDistance } from '../../../tests/finite-differences.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import {
  type AdditiveMixture,
  addComponent,
  drawPoint,
  logSumExp,
  mixtureOf,
  openMixture,
} from './additive-mixture.ts';
import { startComponent } from './gaussian-component.ts';

const at = (deviation: number, ...mean: number[]) =>
  startComponent({ family: 'factorised' }, Float64Array.from(mean), deviation);
const three = addComponent(addComponent(mixtureOf(at(1, 0, 0)), at(0.5, 2, 1), 0.4), at(0.2, -1, 3), 0.25);

describe('a mixture', () => {
  test('has weights that sum to one and the density of its parts', () => {
    expect(three.logWeights.map(Math.exp)).toEqual([0.45, 0.3, 0.25].map((weight) => expect.closeTo(weight, 12)));
    const x = Float64Array.of(0.7, 1.1);
    const normal = (deviation: number, a: number, b: number): number =>
      Math.exp((-0.5 * ((0.7 - a) ** 2 + (1.1 - b) ** 2)) / deviation ** 2) / (2 * Math.PI * deviation ** 2);
    const density = 0.45 * normal(1, 0, 0) + 0.3 * normal(0.5, 2, 1) + 0.25 * normal(0.2, -1, 3);
    expect(openMixture(three).logDensity(x)).toBeCloseTo(Math.log(density), 12);
  });

  test('has the score that finite differences find', () => {
    const open = openMixture(three);
    for (const seed of [1, 2, 3]) {
      const x = normals(rootKey(seed), 2);
      expect(relativeDistance(open.score(x), finiteDifferences(open.logDensity, x))).toBeLessThan(1e-6);
    }
  });

  test('draws components by weight, and the same point for the same number', () => {
    const count = 4000;
    const near = (mean: readonly number[]) =>
      Array.from({ length: count }, (_, n) => drawPoint(three, rootKey(5), n)).filter(
        (point) => Math.hypot(point[0]! - mean[0]!, point[1]! - mean[1]!) < 1,
      ).length / count;
    // components 2 and 3 lie 3.6 apart; of N(0, 1) about 5 % falls near the third, and of the third all
    const share = 0.25 + 0.45 * shareOfNormalWithin1(Math.hypot(1, 3));
    const standardError = Math.sqrt((share * (1 - share)) / count);
    expect(Math.abs(near([-1, 3]) - share)).toBeLessThan(4 * standardError);
    expect(drawPoint(three, rootKey(5), 17)).toEqual(drawPoint(three, rootKey(5), 17));
  });
});

/** Probability of a disc of radius 1 at some distance from the mean of a 2-D standard normal, by a fine grid. */
function shareOfNormalWithin1(distance: number): number {
  const step = 0.01;
  let sum = 0;
  for (let x = -1; x <= 1; x += step)
    for (let y = -1; y <= 1; y += step)
      if (x * x + y * y < 1) sum += Math.exp(-0.5 * ((x + distance) ** 2 + y ** 2)) * step * step;
  return sum / (2 * Math.PI);
}

describe('log densities of a weight space', () => {
  const D = 61_706; // LeNet-5
  const [near, far] = [1, 2].map((seed) => normals(derive(rootKey(seed), 'centre'), D));
  const component = (mean: Float64Array, deviation: number) =>
    startComponent({ family: 'factorised' }, mean, deviation);
  const mixture = addComponent(mixtureOf(component(near!, 0.01)), component(far!, 0.01), 0.3);

  test('do not underflow: components millions of nats apart leave value and score of the near one', () => {
    const x = near!.map((value, d) => value + 0.005 * Math.cos(d));
    const { value, gradient } = openMixture(mixture).evaluate(x);
    const alone = openMixture(mixtureOf(component(near!, 0.01)));
    expect(Math.exp(value - alone.logDensity(x))).toBeCloseTo(0.7, 6);
    expect(relativeDistance(gradient, alone.score(x))).toBeLessThan(1e-12);
    const between = near!.map((centre, d) => 0.5 * (centre + far![d]!));
    expect(Number.isFinite(openMixture(mixture).logDensity(between))).toBe(true);
    expect(openMixture(mixture).score(between).every(Number.isFinite)).toBe(true);
  });

  test('stay finite beside a spike and beside a component without weight', () => {
    const spiked = addComponent(
      mixture,
      component(
        near!.map((value) => value + 1),
        1e-150,
      ),
      0.1,
    );
    expect(Number.isFinite(openMixture(spiked).logDensity(near!))).toBe(true);
    const dropped: AdditiveMixture = {
      components: [...mixture.components, component(new Float64Array(D).fill(Number.NaN), 1)],
      logWeights: [...mixture.logWeights, Number.NEGATIVE_INFINITY],
    };
    expect(openMixture(dropped).logDensity(far!)).toBe(openMixture(mixture).logDensity(far!));
  });

  test('a mixture without any weight is refused', () => {
    expect(() => openMixture({ components: [], logWeights: [] })).toThrow(RangeError);
  });
});

test('logsumexp keeps what plain sums of exponentials lose', () => {
  expect(logSumExp([-1e6, -1e6])).toBeCloseTo(-1e6 + Math.LN2, 9);
  expect(logSumExp([1e6, -1e6])).toBe(1e6);
  expect(logSumExp([Number.NEGATIVE_INFINITY, -5])).toBe(-5);
  expect(logSumExp([Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
});
