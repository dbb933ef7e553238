/** Features of one site's training scans as a density: what a component keeps to know its scans by. Plain data, a few hundred bytes. */
export interface FeatureDensity {
  readonly scans: number;
  readonly mean: readonly number[];
  /** With n - 1 in the denominator; 0 for one scan. */
  readonly deviation: readonly number[];
}

/** A deviation and a number of scans that every site is taken to have shown before: few scans may by chance look alike. */
const expected = { deviation: 0.15, scans: 3 } as const;

export function fitFeatureDensity(features: readonly Float64Array[]): FeatureDensity {
  const scans = features.length;
  const mean = Array.from(features[0]!, (_, n) => features.reduce((sum, one) => sum + one[n]!, 0) / scans);
  const deviation = mean.map((middle, n) =>
    Math.sqrt(features.reduce((sum, one) => sum + (one[n]! - middle) ** 2, 0) / Math.max(1, scans - 1)),
  );
  return { scans, mean, deviation };
}

/** The density that all scans of several together would have. */
export function pooledFeatureDensity(parts: readonly FeatureDensity[]): FeatureDensity {
  const scans = parts.reduce((sum, one) => sum + one.scans, 0);
  const mean = parts[0]!.mean.map((_, n) => parts.reduce((sum, one) => sum + one.scans * one.mean[n]!, 0) / scans);
  const deviation = mean.map((middle, n) => {
    const squares = parts.reduce(
      (sum, one) => sum + (one.scans - 1) * one.deviation[n]! ** 2 + one.scans * (one.mean[n]! - middle) ** 2,
      0,
    );
    return Math.sqrt(squares / Math.max(1, scans - 1));
  });
  return { scans, mean, deviation };
}

/**
 * Log density of a scan's features, each by itself: Student's t, the predictive density of a normal of unknown mean and variance after
 * `scans` observations under a conjugate prior worth `expected.scans`. Its tails stay honest for a scan of neither site.
 */
export function featureLogDensity(density: FeatureDensity, features: Float64Array): number {
  const freedom = freedomOf(density);
  return features.reduce((sum, value, n) => {
    const scale = scaleOf(density, n);
    const distance = (value - density.mean[n]!) / scale;
    return sum + studentConstant(freedom) - Math.log(scale) - ((freedom + 1) / 2) * Math.log1p(distance ** 2 / freedom);
  }, 0);
}

/**
 * How far each feature lies from those of the training scans, under the same Student's t: as the deviate that has the same tails under a
 * normal distribution (Wallace 1959; up to 3.3 deviates it is right to 0.07 with three degrees of freedom, the fewest here, and to 0.02 with ten), so that few and many training scans share one scale.
 */
export function featureDeviates(density: FeatureDensity, features: Float64Array): Float64Array {
  const freedom = freedomOf(density);
  return features.map((value, n) => {
    const distance = (value - density.mean[n]!) / scaleOf(density, n);
    const shrink = (8 * freedom + 1) / (8 * freedom + 3);
    return Math.sign(distance) * shrink * Math.sqrt(freedom * Math.log1p(distance ** 2 / freedom));
  });
}

const freedomOf = ({ scans }: FeatureDensity): number => scans - 1 + expected.scans;

function scaleOf({ scans, deviation }: FeatureDensity, n: number): number {
  const squares = (scans - 1) * deviation[n]! ** 2 + expected.scans * expected.deviation ** 2;
  return Math.sqrt((squares / (scans - 1 + expected.scans)) * (1 + 1 / scans));
}

const studentConstant = (freedom: number): number =>
  logGamma((freedom + 1) / 2) - logGamma(freedom / 2) - 0.5 * Math.log(freedom * Math.PI);

/** log Gamma by Stirling's series after shifting the argument beyond 8; to 1e-12. */
function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  while (shifted < 8) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const series = inverse * (1 / 12 - inverse ** 2 * (1 / 360 - inverse ** 2 * (1 / 1260 - inverse ** 2 / 1680)));
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}
