/** A volume and its interval, ml. */
export interface VolumeInterval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** By how much intervals are to be stretched about their medians, and how often they would then hold one more truth. */
export interface IntervalFactor {
  readonly factor: number;
  readonly level: number;
}

/**
 * Conformal factor (normalised residuals, Lei et al. 2018, section 5.2): the ceil((n + 1) level)-th smallest of the n distances of the truth from
 * the median, in half-widths of the interval on the truth's side. If the n scans and the next one are exchangeable, the stretched interval holds
 * the next truth with at least that probability; of fewer than level / (1 - level) scans it has the level n / (n + 1) alone. `leastMl` is taken
 * for half a width that is smaller: the volume of a voxel.
 * @throws RangeError without scans
 */
export function intervalFactor(
  scans: readonly { readonly interval: VolumeInterval; readonly truthMl: number; readonly leastMl: number }[],
  level: number,
): IntervalFactor {
  if (scans.length === 0) throw new RangeError('a factor needs scans');
  const distances = scans
    .map(({ interval, truthMl, leastMl }) => {
      const { below, above } = halfWidths(interval, leastMl);
      const off = truthMl - interval.median;
      return off < 0 ? -off / below : off / above;
    })
    .sort((a, b) => a - b);
  const count = distances.length;
  const rank = Math.min(count, Math.ceil((count + 1) * level - 1e-9));
  return { factor: distances[rank - 1]!, level: rank / (count + 1) };
}

/** An interval stretched about its median; a volume is never below 0. */
export function stretched(interval: VolumeInterval, factor: number, leastMl: number): VolumeInterval {
  const { below, above } = halfWidths(interval, leastMl);
  const { median } = interval;
  return { median, low: Math.max(0, median - factor * below), high: median + factor * above };
}

const halfWidths = ({ median, low, high }: VolumeInterval, leastMl: number) => ({
  below: Math.max(median - low, leastMl),
  above: Math.max(high - median, leastMl),
});
