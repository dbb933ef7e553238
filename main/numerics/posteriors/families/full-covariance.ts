import { solveLower, solveUpper } from '../../tensors/cholesky.ts';
import { log2Pi, type OpenGaussian } from './open-gaussian.ts';

/** Any covariance L L^T: mean [D], log of L's diagonal [D], L below its diagonal by rows. For few dimensions. */
export function fullCovariance(parameters: Float64Array, D: number): OpenGaussian {
  const L = new Float64Array(D * D);
  let logDeterminant = 0;
  for (let r = 0; r < D; r++) {
    logDeterminant += parameters[D + r]!;
    L[r * D + r] = Math.exp(parameters[D + r]!);
    for (let c = 0; c < r; c++) L[r * D + c] = parameters[below(D, r, c)]!;
  }
  const whitened = (x: Float64Array): Float64Array =>
    solveLower(
      L,
      x.map((value, d) => value - parameters[d]!),
    );
  return {
    noiseCount: D,
    place: (noise) =>
      Float64Array.from({ length: D }, (_, r) => {
        let sum = parameters[r]!;
        for (let c = 0; c <= r; c++) sum += L[r * D + c]! * noise[c]!;
        return sum;
      }),
    pullBack(noise, gradient) {
      const back = new Float64Array(parameters.length);
      for (let r = 0; r < D; r++) {
        back[r] = gradient[r]!;
        back[D + r] = gradient[r]! * noise[r]! * L[r * D + r]!;
        for (let c = 0; c < r; c++) back[below(D, r, c)] = gradient[r]! * noise[c]!;
      }
      return back;
    },
    logDensity: (x) => -0.5 * whitened(x).reduce((sum, value) => sum + value ** 2, D * log2Pi) - logDeterminant,
    score: (x) => solveUpper(L, whitened(x)).map((value) => -value),
    entropy: () => 0.5 * D * (1 + log2Pi) + logDeterminant,
    entropyGradient: () => new Float64Array(parameters.length).fill(1, D, 2 * D),
  };
}

/** Where the factor's element (r, c), c < r, lies among the parameters. */
const below = (D: number, r: number, c: number): number => 2 * D + (r * (r - 1)) / 2 + c;
