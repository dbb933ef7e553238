import { log2Pi, type OpenGaussian } from './open-gaussian.ts';

/** Independent dimensions: mean [D], log deviations [D]. */
export function factorised(parameters: Float64Array, D: number): OpenGaussian {
  const deviation = parameters.subarray(D, 2 * D).map(Math.exp);
  let logDeterminant = 0;
  for (let d = D; d < 2 * D; d++) logDeterminant += parameters[d]!;
  return {
    noiseCount: D,
    place: (noise) => noise.map((e, d) => parameters[d]! + deviation[d]! * e),
    pullBack(noise, gradient) {
      const back = new Float64Array(2 * D);
      for (let d = 0; d < D; d++) {
        back[d] = gradient[d]!;
        back[D + d] = gradient[d]! * noise[d]! * deviation[d]!;
      }
      return back;
    },
    logDensity(x) {
      let square = 0;
      for (let d = 0; d < D; d++) square += ((x[d]! - parameters[d]!) / deviation[d]!) ** 2;
      return -0.5 * (D * log2Pi + square) - logDeterminant;
    },
    score: (x) => x.map((value, d) => (parameters[d]! - value) / deviation[d]! ** 2),
    entropy: () => 0.5 * D * (1 + log2Pi) + logDeterminant,
    entropyGradient: () => new Float64Array(2 * D).fill(1, D),
  };
}
