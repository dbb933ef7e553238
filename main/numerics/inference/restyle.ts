import { featuresPerChannel, quantileShares } from './scan-features.ts';

/**
 * A scan with the histogram of another site: each channel's quantiles are moved to those that the site's gate keeps, straight between them.
 * @param image [D, H, W, C] of mean 0 and deviation 1
 * @param features the site's mean features
 * @param reversed whether dark and bright change places first: a histogram does not tell which is which
 */
export function restyle(
  image: Float32Array,
  channels: number,
  { features, reversed }: { readonly features: readonly number[]; readonly reversed: boolean },
): Float32Array {
  const result = new Float32Array(image.length);
  for (let channel = 0; channel < channels; channel++) {
    const sign = reversed ? -1 : 1;
    const values = Float32Array.from(
      { length: image.length / channels },
      (_, v) => sign * image[v * channels + channel]!,
    );
    const sorted = values.slice().sort();
    const from = quantileShares.map((share) => sorted[Math.floor(share * (sorted.length - 1))]!);
    const to = features.slice(channel * featuresPerChannel, channel * featuresPerChannel + quantileShares.length);
    for (const [v, value] of values.entries()) result[v * channels + channel] = along(value, from, to);
  }
  return result;
}

/** Piecewise linear through (from, to), with slope 1 beyond the ends. */
function along(value: number, from: readonly number[], to: readonly number[]): number {
  const last = from.length - 1;
  if (value <= from[0]!) return to[0]! + value - from[0]!;
  if (value >= from[last]!) return to[last]! + value - from[last]!;
  const n = from.findLastIndex((quantile) => quantile <= value);
  const width = from[n + 1]! - from[n]!;
  return to[n]! + (width > 0 ? ((value - from[n]!) / width) * (to[n + 1]! - to[n]!) : 0);
}
