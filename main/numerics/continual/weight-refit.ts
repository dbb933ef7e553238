import { type DiagonalMixture, type PreparedMixture, prepareMixture, selectComponents } from './diagonal-mixture.ts';

/**
 * All weights of a mixture anew: expectation maximisation of the mean log density of codes [N, L] over the weights alone, a convex
 * problem, the minimum of KL(p* || mixture) for codes drawn from p* (fully corrective, where boosting only ever adds).
 */
export function refitWeights(mixture: DiagonalMixture, codes: Float64Array, iterations = 50): Float64Array {
  const K = mixture.logWeights.length;
  const N = codes.length / mixture.dimensions;
  const density = componentDensities(prepareMixture({ ...mixture, logWeights: new Float64Array(K) }), codes);
  let weights = Float64Array.from(mixture.logWeights, (value) => Math.max(Math.exp(value), 1e-6));
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = new Float64Array(K);
    for (let n = 0; n < N; n++) {
      let total = 1e-300;
      for (let k = 0; k < K; k++) total += weights[k]! * density[n * K + k]!;
      for (let k = 0; k < K; k++) next[k]! += (weights[k]! * density[n * K + k]!) / (total * N);
    }
    weights = next;
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => Math.log(weight / sum));
}

/** Density of each component at each code, [N, K], a code's greatest scaled to 1. */
function componentDensities({ mixture, precision, constant }: PreparedMixture, codes: Float64Array): Float64Array {
  const { dimensions: L, mean } = mixture;
  const K = constant.length;
  const density = new Float64Array((codes.length / L) * K);
  for (let n = 0; n < codes.length / L; n++) {
    let greatest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < K; k++) {
      let square = 0;
      for (let d = 0; d < L; d++) square += (codes[n * L + d]! - mean[k * L + d]!) ** 2 * precision[k * L + d]!;
      density[n * K + k] = constant[k]! - 0.5 * square;
      greatest = Math.max(greatest, density[n * K + k]!);
    }
    for (let k = 0; k < K; k++) density[n * K + k] = Math.exp(density[n * K + k]! - greatest);
  }
  return density;
}

/** Which components are worth keeping: those that weigh at least `share` of an equal weight. At least one stays. */
export function worthKeeping(logWeights: Float64Array, share: number): readonly number[] {
  const limit = Math.log(share / logWeights.length);
  const kept = Array.from(logWeights.keys()).filter((k) => logWeights[k]! > limit);
  return kept.length > 0 ? kept : [logWeights.indexOf(Math.max(...logWeights))];
}

/** A mixture of some of its components, which then weigh 1 together. */
export function pruneMixture(mixture: DiagonalMixture, kept: readonly number[]): DiagonalMixture {
  const chosen = selectComponents(mixture, kept);
  const total = chosen.logWeights.reduce((sum, value) => sum + Math.exp(value), 0);
  return { ...chosen, logWeights: chosen.logWeights.map((value) => value - Math.log(total)) };
}
