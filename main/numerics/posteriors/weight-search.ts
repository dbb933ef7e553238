/** Log densities under mixture q, new component h and target p, at draws of q and at draws of h; all of one length a source. */
export interface WeightEvidence {
  readonly atMixture: LogDensities;
  readonly atComponent: LogDensities;
}

export interface LogDensities {
  readonly mixture: Float64Array;
  readonly component: Float64Array;
  readonly target: Float64Array;
}

/** Where the search for the new component's weight is. */
export interface WeightSearch {
  readonly iteration: number;
  readonly weight: number;
  readonly isDone: boolean;
}

export const weightBounds = { low: 1e-4, high: 1 } as const;
const tolerance = 1e-4;
const leastIterations = 20;
const mostIterations = 2000;

export const weightSearchInit = (): WeightSearch => ({ iteration: 0, weight: 0.5, isDone: false });

/**
 * One step of the minimisation over a of KL((1 - a) q + a h || p), convex in a. The gradient is limited to 1, so that the thousands of nats
 * of a weight space do not throw a from one end to the other while the steps 0.5 / (i + 1) are still long.
 */
export function weightSearchStep(state: WeightSearch, evidence: WeightEvidence): WeightSearch {
  const gradient = Math.min(1, Math.max(-1, weightGradient(state.weight, evidence)));
  const moved = state.weight - (0.5 / (state.iteration + 1)) * gradient;
  const weight = Math.min(weightBounds.high, Math.max(weightBounds.low, moved));
  const iteration = state.iteration + 1;
  const isStill = Math.abs(weight - state.weight) < tolerance && iteration > leastIterations;
  return { iteration, weight, isDone: isStill || iteration >= mostIterations };
}

/** The weight at the end of the search. */
export function searchWeight(evidence: WeightEvidence): number {
  let state = weightSearchInit();
  while (!state.isDone) state = weightSearchStep(state, evidence);
  return state.weight;
}

/** E_h[log mix - log p] - E_q[log mix - log p]: the derivative of the KL by the weight. */
export const weightGradient = (weight: number, { atMixture, atComponent }: WeightEvidence): number =>
  meanExcess(weight, atComponent) - meanExcess(weight, atMixture);

/** KL((1 - a) q + a h || p) up to the target's constant. */
export const weightObjective = (weight: number, { atMixture, atComponent }: WeightEvidence): number =>
  (1 - weight) * meanExcess(weight, atMixture) + weight * meanExcess(weight, atComponent);

function meanExcess(weight: number, { mixture, component, target }: LogDensities): number {
  let sum = 0;
  for (let n = 0; n < target.length; n++)
    sum += logBlend(mixture[n]! + Math.log1p(-weight), component[n]! + Math.log(weight)) - target[n]!;
  return sum / target.length;
}

/** log(exp a + exp b) without underflow. */
function logBlend(a: number, b: number): number {
  const greatest = Math.max(a, b);
  return greatest === Number.NEGATIVE_INFINITY ? greatest : greatest + Math.log1p(Math.exp(Math.min(a, b) - greatest));
}

/**
 * The estimated duality gap of the mixture (Frank and Wolfe): E_q[log q - log p] - E_h[log q - log p], which bounds KL(q || p) from above by
 * convexity if h is the best possible component. h is only a fitted one and the means are sampled: an estimate, no certificate.
 */
export function dualityGap({ atMixture, atComponent }: WeightEvidence): {
  readonly gap: number;
  readonly standardError: number;
} {
  const [own, other] = [atMixture, atComponent].map(({ mixture, target }) => moments(mixture, target)) as [
    Moments,
    Moments,
  ];
  return { gap: own.mean - other.mean, standardError: Math.sqrt(own.square + other.square) };
}

interface Moments {
  readonly mean: number;
  /** Squared standard error of the mean. */
  readonly square: number;
}

function moments(mixture: Float64Array, target: Float64Array): Moments {
  const count = target.length;
  const excess = mixture.map((value, n) => value - target[n]!);
  const mean = excess.reduce((sum, value) => sum + value, 0) / count;
  const variance = excess.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, count - 1);
  return { mean, square: variance / count };
}
