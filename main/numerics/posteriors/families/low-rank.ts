import { cholesky, solveLower, solveUpper } from '../../tensors/cholesky.ts';
import { log2Pi, type OpenGaussian } from './open-gaussian.ts';

/**
 * Covariance F F^T + S^2: mean [D], log S [D], F [D, R]. Densities by the matrices' inversion and determinant lemmas, so that nothing
 * of size D x D is made: C = I + F^T S^-2 F is [R, R].
 */
export function lowRank(parameters: Float64Array, D: number, R: number): OpenGaussian {
  const deviation = parameters.subarray(D, 2 * D).map(Math.exp);
  const F = parameters.subarray(2 * D);
  const capacity = capacityFactor(F, deviation, R);
  let logDeterminant = 0;
  for (let d = 0; d < D; d++) logDeterminant += parameters[D + d]!;
  for (let r = 0; r < R; r++) logDeterminant += Math.log(capacity[r * R + r]!);
  /** S^-2 (x - mean), and F^T of it. */
  const whitened = (x: Float64Array): readonly [Float64Array, Float64Array] => {
    const scaled = x.map((value, d) => (value - parameters[d]!) / deviation[d]! ** 2);
    const projected = new Float64Array(R);
    for (let d = 0; d < D; d++) for (let r = 0; r < R; r++) projected[r]! += F[d * R + r]! * scaled[d]!;
    return [scaled, projected];
  };
  return {
    noiseCount: D + R,
    place: (noise) =>
      Float64Array.from({ length: D }, (_, d) => {
        let sum = parameters[d]! + deviation[d]! * noise[d]!;
        for (let r = 0; r < R; r++) sum += F[d * R + r]! * noise[D + r]!;
        return sum;
      }),
    pullBack(noise, gradient) {
      const back = new Float64Array((2 + R) * D);
      for (let d = 0; d < D; d++) {
        back[d] = gradient[d]!;
        back[D + d] = gradient[d]! * noise[d]! * deviation[d]!;
        for (let r = 0; r < R; r++) back[2 * D + d * R + r] = gradient[d]! * noise[D + r]!;
      }
      return back;
    },
    logDensity(x) {
      const [scaled, projected] = whitened(x);
      let square = 0;
      for (let d = 0; d < D; d++) square += scaled[d]! * (x[d]! - parameters[d]!);
      for (const value of solveLower(capacity, projected)) square -= value ** 2;
      return -0.5 * (D * log2Pi + square) - logDeterminant;
    },
    score(x) {
      const [scaled, projected] = whitened(x);
      const solved = solveUpper(capacity, solveLower(capacity, projected));
      return scaled.map((value, d) => {
        let inner = 0;
        for (let r = 0; r < R; r++) inner += F[d * R + r]! * solved[r]!;
        return inner / deviation[d]! ** 2 - value;
      });
    },
    entropy: () => 0.5 * D * (1 + log2Pi) + logDeterminant,
    entropyGradient: () => entropyGradient({ F, deviation, capacity }, D, R),
  };
}

/** Lower factor of C = I + F^T S^-2 F. */
export function capacityFactor(F: Float64Array, deviation: Float64Array, R: number): Float64Array {
  const C = new Float64Array(R * R);
  for (let r = 0; r < R; r++) C[r * R + r] = 1;
  for (let d = 0; d < deviation.length; d++) {
    const precision = deviation[d]! ** -2;
    for (let r = 0; r < R; r++) for (let c = 0; c <= r; c++) C[r * R + c]! += precision * F[d * R + r]! * F[d * R + c]!;
  }
  return cholesky(C, R);
}

/** By log S: S^2 diag(covariance^-1); by F: covariance^-1 F = S^-2 F C^-1. */
function entropyGradient(
  {
    F,
    deviation,
    capacity,
  }: { readonly F: Float64Array; readonly deviation: Float64Array; readonly capacity: Float64Array },
  D: number,
  R: number,
): Float64Array {
  const back = new Float64Array((2 + R) * D);
  for (let d = 0; d < D; d++) {
    const row = F.subarray(d * R, (d + 1) * R);
    const solved = solveUpper(capacity, solveLower(capacity, row));
    const precision = deviation[d]! ** -2;
    let inner = 0;
    for (let r = 0; r < R; r++) {
      inner += row[r]! * solved[r]!;
      back[2 * D + d * R + r] = precision * solved[r]!;
    }
    back[D + d] = 1 - precision * inner;
  }
  return back;
}
