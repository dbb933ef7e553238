import { derive, type RandomKey } from '../tensors/random.ts';
import { type AdditiveMixture, drawFrom, logSumExp } from './additive-mixture.ts';
import { openGaussian } from './gaussian-component.ts';
import type { Target } from './pursuit-objective.ts';

/** Log densities at draws of every component: what a fully corrective refit needs to know, once. */
export interface WeightTable {
  /** [source][draw][component] */
  readonly components: readonly (readonly Float64Array[])[];
  /** [source][draw] */
  readonly target: readonly Float64Array[];
}

/** Where a refit of all weights is. */
export interface WeightRefit {
  readonly logWeights: readonly number[];
  /** Step of the mirror descent; halved where it went too far. */
  readonly rate: number;
  readonly objective: number;
  readonly isDone: boolean;
}

/** Weights below this are dropped at the end of a refit: greedy boosting leaves components that later ones made needless. */
const leastWeight = 1e-4;
const tolerance = 1e-7;
const mostIterations = 500;

export function weightTable(mixture: AdditiveMixture, target: Target, draws: number, key: RandomKey): WeightTable {
  const open = mixture.components.map(openGaussian);
  const points = mixture.components.map((component, k) =>
    Array.from({ length: draws }, (_, n) => drawFrom(component, derive(key, 'refit', k), n)),
  );
  return {
    components: points.map((own) => own.map((point) => Float64Array.from(open, (one) => one.logDensity(point)))),
    target: points.map((own, k) =>
      Float64Array.from(own, (point, n) => target(point, derive(key, 'target', k, n)).value),
    ),
  };
}

export const weightRefitInit = (logWeights: readonly number[], table: WeightTable): WeightRefit => ({
  logWeights,
  rate: 0.5,
  objective: refitObjective(logWeights, table).value,
  isDone: logWeights.length < 2,
});

/** One step of mirror descent on the simplex over KL(sum of w_k h_k || p), estimated on the table. Never raises that estimate. */
export function weightRefitStep(state: WeightRefit, table: WeightTable): WeightRefit {
  const { gradient } = refitObjective(state.logWeights, table);
  const centre = gradient.reduce((sum, slope, k) => sum + Math.exp(state.logWeights[k]!) * slope, 0);
  const moved = normalised(
    state.logWeights.map((value, k) => value - Math.min(20, Math.max(-20, state.rate * (gradient[k]! - centre)))),
  );
  const { value } = refitObjective(moved, table);
  if (!(value <= state.objective)) return { ...state, rate: state.rate / 2, isDone: state.rate < 1e-6 };
  return {
    logWeights: moved,
    rate: state.rate * 1.2,
    objective: value,
    isDone: state.objective - value < tolerance * Math.max(1, Math.abs(value)),
  };
}

/** The mixture with all weights fitted anew together (fully corrective), components without weight left out. */
export function refitWeights(mixture: AdditiveMixture, table: WeightTable): AdditiveMixture {
  let state = weightRefitInit(mixture.logWeights, table);
  for (let iteration = 0; !state.isDone && iteration < mostIterations; iteration++)
    state = weightRefitStep(state, table);
  const kept = mixture.components.flatMap((component, k) =>
    state.logWeights[k]! > Math.log(leastWeight) ? [{ component, logWeight: state.logWeights[k]! }] : [],
  );
  return {
    components: kept.map(({ component }) => component),
    logWeights: normalised(kept.map(({ logWeight }) => logWeight)),
  };
}

/** KL(sum of w_k h_k || p) up to a constant, and its gradient by the weights (less the constant 1, which the simplex ignores). */
export function refitObjective(
  logWeights: readonly number[],
  { components, target }: WeightTable,
): { readonly value: number; readonly gradient: readonly number[] } {
  const gradient = components.map((draws, source) => {
    let sum = 0;
    for (const [n, logs] of draws.entries())
      sum += logSumExp(logWeights.map((weight, k) => weight + logs[k]!)) - target[source]![n]!;
    return sum / draws.length;
  });
  const value = gradient.reduce((sum, slope, k) => {
    const weight = Math.exp(logWeights[k]!);
    return weight > 0 ? sum + weight * slope : sum;
  }, 0);
  return { value, gradient };
}

const normalised = (logWeights: readonly number[]): number[] => {
  const total = logSumExp(logWeights);
  return logWeights.map((value) => value - total);
};
