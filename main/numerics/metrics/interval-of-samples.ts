/** An interval of a posterior quantity from its samples. */
export interface SampleInterval {
  readonly low: number;
  readonly median: number;
  readonly high: number;
  /** Probability that one more draw lies between low and high; 0 for a single sample. */
  readonly level: number;
}

/**
 * The narrowest symmetric pair of order statistics whose level is at least the one asked for; the widest pair where there
 * are too few samples for that. Of S draws the r-th smallest and r-th greatest hold one more draw with probability
 * (S + 1 - 2r) / (S + 1), so 19 samples give 90 % by minimum and maximum (David and Nagaraja 2003, section 7.3).
 * @throws RangeError without samples
 */
export function intervalOfSamples(samples: ArrayLike<number>, level: number): SampleInterval {
  const sorted = Float64Array.from(samples).sort();
  const count = sorted.length;
  if (count === 0) throw new RangeError('an interval needs samples');
  const levelOf = (rank: number): number => (count + 1 - 2 * rank) / (count + 1);
  let rank = 1;
  while (2 * (rank + 1) <= count && levelOf(rank + 1) >= level - 1e-9) rank++;
  const middle = (count - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { low: sorted[rank - 1]!, median, high: sorted[count - rank]!, level: count === 1 ? 0 : levelOf(rank) };
}
