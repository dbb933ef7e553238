import { derive, type RandomKey, uniforms } from '../tensors/random.ts';

/** A mean with its bootstrap interval. */
export interface BootstrapInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** A mean difference with its interval and the two-sided p of a mean of 0. */
export interface BootstrapDifference extends BootstrapInterval {
  readonly p: number;
}

export interface BootstrapSettings {
  readonly level: number;
  readonly resamples: number;
}

export const defaultBootstrap: BootstrapSettings = { level: 0.95, resamples: 2000 };

/**
 * Percentile bootstrap of the mean over two crossed factors (Owen 2007): rows (training draws) and columns (test cases) are
 * both drawn anew with replacement. One row gives the plain bootstrap over cases.
 * @param values by row, then by column; rows of equal length
 * @throws RangeError without values
 */
export function bootstrapMean(
  values: readonly (readonly number[])[],
  key: RandomKey,
  { level, resamples }: BootstrapSettings = defaultBootstrap,
): BootstrapInterval {
  return intervalOf(resampledMeans(values, key, resamples), level, values);
}

/** The same of paired differences, with p: twice the share of resampled means on the rarer side of 0, which counts as one at least. */
export function bootstrapDifference(
  differences: readonly (readonly number[])[],
  key: RandomKey,
  { level, resamples }: BootstrapSettings = defaultBootstrap,
): BootstrapDifference {
  const means = resampledMeans(differences, key, resamples);
  const below = means.filter((mean) => mean <= 0).length;
  const above = means.filter((mean) => mean >= 0).length;
  const p = Math.min(1, (2 * (1 + Math.min(below, above))) / (resamples + 1));
  return { ...intervalOf(means, level, differences), p };
}

/** Holm's step-down correction (1979): p of each hypothesis such that one of all is wrongly rejected no more often than p says; in the order given. */
export function holm(values: readonly number[]): readonly number[] {
  const order = values.map((_, n) => n).toSorted((a, b) => values[a]! - values[b]!);
  const adjusted = new Array<number>(values.length);
  let least = 0;
  for (const [rank, n] of order.entries()) {
    least = Math.max(least, Math.min(1, (values.length - rank) * values[n]!));
    adjusted[n] = least;
  }
  return adjusted;
}

/** In rising order. */
function resampledMeans(values: readonly (readonly number[])[], key: RandomKey, resamples: number): Float64Array {
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  if (rows === 0 || columns === 0 || values.some((row) => row.length !== columns))
    throw new RangeError('a bootstrap needs rows of equal length, not empty');
  return Float64Array.from({ length: resamples }, (_, n) => {
    const rowDraw = drawn(derive(key, 'rows', n), rows);
    const columnDraw = drawn(derive(key, 'columns', n), columns);
    let sum = 0;
    for (const row of rowDraw) for (const column of columnDraw) sum += values[row]![column]!;
    return sum / (rows * columns);
  }).sort();
}

function intervalOf(means: Float64Array, level: number, values: readonly (readonly number[])[]): BootstrapInterval {
  const at = (share: number): number => means[Math.round(share * (means.length - 1))]!;
  const all = values.flat();
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return { mean, low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

const drawn = (key: RandomKey, count: number): readonly number[] =>
  Array.from(uniforms(key, count), (u) => Math.floor(u * count));
