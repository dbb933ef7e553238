import { type RandomKey, shuffled } from '../tensors/random.ts';

/**
 * Shifts of the foreground's logit, one a posterior sample: the quantiles n / (samples + 1) of N(0, deviation^2), in an order that the key
 * decides. Quantiles instead of draws: an interval over few samples has the width that it would have over many, whatever the seed.
 */
export function borderShifts(samples: number, deviation: number, key: RandomKey): readonly number[] {
  return shuffled(key, samples).map((rank) => deviation * normalQuantile((rank + 1) / (samples + 1)));
}

/**
 * The standard normal's quantile of p in (0, 1), to 1e-12 for the p of some thousand samples: Newton's steps from the middle never overshoot, for
 * the distribution is concave above it; its values by Marsaglia's series (Evaluating the Normal Distribution, 2004).
 */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  let x = 0;
  for (let step = 0; step < 100; step++) {
    const change = (p - distribution(x)) / density(x);
    x += change;
    if (Math.abs(change) < 1e-13) break;
  }
  return x;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

function distribution(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + sum * density(x);
}
