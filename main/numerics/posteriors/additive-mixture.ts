import { derive, normals, type RandomKey, uniforms } from '../tensors/random.ts';
import { type GaussianComponent, openGaussian } from './gaussian-component.ts';

/** sum of w_k h_k as plain data. Weights are kept as logarithms and sum to one; a component that was dropped has -Infinity. */
export interface AdditiveMixture {
  readonly components: readonly GaussianComponent[];
  readonly logWeights: readonly number[];
}

/** A mixture opened for work. */
export interface OpenMixture {
  /** log density by logsumexp over all components, nats. */
  logDensity(x: Float64Array): number;
  /** Gradient of the log density by x. */
  score(x: Float64Array): Float64Array;
  /** Both at the price of one. */
  evaluate(x: Float64Array): { readonly value: number; readonly gradient: Float64Array };
}

export const mixtureOf = (component: GaussianComponent): AdditiveMixture => ({
  components: [component],
  logWeights: [0],
});

/** (1 - weight) mixture + weight component. */
export const addComponent = (
  { components, logWeights }: AdditiveMixture,
  component: GaussianComponent,
  weight: number,
): AdditiveMixture => ({
  components: [...components, component],
  logWeights: [...logWeights.map((value) => value + Math.log1p(-weight)), Math.log(weight)],
});

/** Opens only components that have weight, so that a dropped one cannot bring in NaN. @throws RangeError without any */
export function openMixture({ components, logWeights }: AdditiveMixture): OpenMixture {
  const parts = components.flatMap((component, k) =>
    logWeights[k]! > Number.NEGATIVE_INFINITY ? [{ open: openGaussian(component), logWeight: logWeights[k]! }] : [],
  );
  if (parts.length === 0) throw new RangeError('a mixture needs a component with weight');
  const logParts = (x: Float64Array): number[] => parts.map(({ open, logWeight }) => logWeight + open.logDensity(x));
  const evaluate: OpenMixture['evaluate'] = (x) => {
    const logs = logParts(x);
    const value = logSumExp(logs);
    const gradient = new Float64Array(x.length);
    for (const [k, { open }] of parts.entries()) {
      const share = parts.length === 1 ? 1 : Math.exp(logs[k]! - value);
      if (share < 1e-12) continue; // far away: its score may be huge, its share is nothing
      for (const [d, slope] of open.score(x).entries()) gradient[d]! += share * slope;
    }
    return { value, gradient };
  };
  return { logDensity: (x) => logSumExp(logParts(x)), score: (x) => evaluate(x).gradient, evaluate };
}

/** log of the sum of exponentials; -Infinity for none. */
export function logSumExp(values: readonly number[]): number {
  const greatest = Math.max(...values);
  if (greatest === Number.NEGATIVE_INFINITY) return greatest;
  return greatest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - greatest), 0));
}

/** Draw number `sample`: a component by weight, then a point of it. Depends on (mixture, key, sample) alone. */
export function drawPoint(mixture: AdditiveMixture, key: RandomKey, sample: number): Float64Array {
  const chosen = pick(mixture.logWeights, uniforms(derive(key, 'component', sample), 1)[0]!);
  return drawFrom(mixture.components[chosen]!, key, sample);
}

/** Draw number `sample` of one component. */
export function drawFrom(component: GaussianComponent, key: RandomKey, sample: number): Float64Array {
  const open = openGaussian(component);
  return open.place(normals(derive(key, 'point', sample), open.noiseCount));
}

function pick(logWeights: readonly number[], u: number): number {
  let left = u;
  for (const [k, logWeight] of logWeights.entries()) {
    left -= Math.exp(logWeight);
    if (left < 0) return k;
  }
  return logWeights.reduce((best, value, k) => (value > logWeights[best]! ? k : best), 0); // rounding
}
