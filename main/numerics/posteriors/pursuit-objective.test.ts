import { describe, expect, test } from 'vitest';
import { finiteDifferences, relativeDistance } from '../../../tests/finite-differences.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { addComponent, mixtureOf, openMixture } from './additive-mixture.ts';
import { type Family, type GaussianComponent, openGaussian, startComponent } from './gaussian-component.ts';
import { defended, objectiveGradient, type PursuitObjective, type Target } from './pursuit-objective.ts';

const gaussian = (deviation: number, ...mean: number[]) =>
  startComponent({ family: 'factorised' }, Float64Array.from(mean), deviation);

describe.each<Family>(['factorised', 'low-rank', 'full'])('the lambda objective over %s components', (family) => {
  const mixture = addComponent(mixtureOf(gaussian(1, 0, 0, 0)), gaussian(0.6, 1, -1, 0.5), 0.3);
  const open = openMixture(addComponent(mixtureOf(gaussian(0.8, 1, 0, 2)), gaussian(1.2, -1, 1, 0), 0.5));
  const target: Target = (point) => open.evaluate(point);
  const start = startComponent({ family, rank: 1 }, Float64Array.of(0.5, -0.2, 1), 0.7);
  const parameters = start.parameters.map((value, n) => value + 0.1 * Math.sin(n));
  const component: GaussianComponent = { ...start, rank: family === 'low-rank' ? 1 : 0, parameters };
  const { noiseCount } = openGaussian(component);
  const noises = [1, 2, 3].map((n) => normals(derive(rootKey(0), n), noiseCount));

  test.each([
    ['first component', undefined, 1],
    ['beside a mixture', mixture, 1],
    ['with another lambda', mixture, 0.5],
  ] as const)('has the gradient of its estimate: %s', (_, present, lambda) => {
    const problem = { mixture: present, target, objective: { kind: 'lambda', lambda } as PursuitObjective };
    const lossAt = (values: Float64Array): number =>
      objectiveGradient({ ...component, parameters: values }, problem, noises, rootKey(1)).loss;
    const { gradient } = objectiveGradient(component, problem, noises, rootKey(1));
    expect(relativeDistance(gradient, finiteDifferences(lossAt, parameters))).toBeLessThan(1e-7);
  });
});

/** Integral over one dimension by the trapezoid rule. */
function integral(of: (x: number) => number): number {
  const [low, high, count] = [-15, 15, 3000];
  let sum = 0;
  for (let n = 0; n <= count; n++) sum += of(low + ((high - low) * n) / count);
  return (sum * (high - low)) / count;
}

test('the objective at a fixed weight has, on average, the gradient of KL((1 - a) q + a h || p)', () => {
  const mixture = mixtureOf(gaussian(0.8, -1));
  const open = openMixture(addComponent(mixtureOf(gaussian(0.9, -1)), gaussian(0.5, 1.5), 0.4));
  const target: Target = (point) => open.evaluate(point);
  const weight = 0.3;
  const component = gaussian(0.7, 1);
  const divergence = (parameters: Float64Array): number => {
    const whole = openMixture(addComponent(mixture, { ...component, parameters }, weight));
    return integral((x) => {
      const point = Float64Array.of(x);
      const log = whole.logDensity(point);
      return Math.exp(log) * (log - open.logDensity(point));
    });
  };
  const expected = finiteDifferences(divergence, component.parameters, 1e-4);
  const objective: PursuitObjective = { kind: 'fixed-weight', weight };
  const estimates = Array.from(
    { length: 20_000 },
    (_, n) =>
      objectiveGradient(component, { mixture, target, objective }, [normals(derive(rootKey(4), n), 1)], rootKey(1))
        .gradient,
  );
  for (const [n, slope] of expected.entries()) {
    const mean = estimates.reduce((sum, one) => sum + one[n]!, 0) / estimates.length;
    const variance = estimates.reduce((sum, one) => sum + (one[n]! - mean) ** 2, 0) / estimates.length;
    expect(Math.abs(mean - slope)).toBeLessThan(4 * Math.sqrt(variance / estimates.length));
    expect(Math.abs(slope)).toBeGreaterThan(8 * Math.sqrt(variance / estimates.length)); // a gradient of zero would be noticed
  }
});

test('defending a mixture gives its tails a share of the prior', () => {
  const q = mixtureOf(gaussian(0.1, 0));
  const open = openMixture(defended(q, gaussian(10, 0), 0.01));
  const far = Float64Array.of(8);
  expect(open.logDensity(far)).toBeCloseTo(Math.log(0.01) + openGaussian(gaussian(10, 0)).logDensity(far), 9);
  expect(openMixture(q).logDensity(far)).toBeLessThan(-3000);
});
