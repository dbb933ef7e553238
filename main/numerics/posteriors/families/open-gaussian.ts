/** log 2 pi */
export const log2Pi = Math.log(2 * Math.PI);

/** A Gaussian opened for work: what its parameters imply is computed once. Points are [D], float64; densities are in nats. */
export interface OpenGaussian {
  /** Standard normals that one draw takes. */
  readonly noiseCount: number;
  /** The draw that belongs to the noise: x = mean + L e. */
  place(noise: Float64Array): Float64Array;
  /** From the gradient of f at `place(noise)` the gradient of f by the parameters (reparameterisation). */
  pullBack(noise: Float64Array, gradient: Float64Array): Float64Array;
  logDensity(x: Float64Array): number;
  /** Gradient of the log density by x. */
  score(x: Float64Array): Float64Array;
  entropy(): number;
  /** Gradient of the entropy by the parameters. */
  entropyGradient(): Float64Array;
}
