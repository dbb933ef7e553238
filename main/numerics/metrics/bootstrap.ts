import { derive, type RandomKey, uniforms } from '../tensors/random.ts';

/** A mean with its bootstrap interval. */
export interface BootstrapInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
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
  const [rows, columns] = [values.length, values[0]?.length ?? 0];
  if (rows === 0 || columns === 0 || values.some((row) => row.length !== columns))
    throw new RangeError('a bootstrap needs rows of equal length, not empty');
  const means = Float64Array.from({ length: resamples }, (_, n) => {
    const rowDraw = drawn(derive(key, 'rows', n), rows);
    const columnDraw = drawn(derive(key, 'columns', n), columns);
    let sum = 0;
    for (const row of rowDraw) for (const column of columnDraw) sum += values[row]![column]!;
    return sum / (rows * columns);
  }).sort();
  const at = (share: number): number =>
    means[Math.min(resamples - 1, Math.max(0, Math.round(share * (resamples - 1))))]!;
  const mean = values.flat().reduce((sum, value) => sum + value, 0) / (rows * columns);
  return { mean, low: at((1 - level) / 2), high: at((1 + level) / 2) };
}

const drawn = (key: RandomKey, count: number): readonly number[] =>
  Array.from(uniforms(key, count), (u) => Math.floor(u * count));
