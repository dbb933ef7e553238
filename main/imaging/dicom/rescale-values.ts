import type { Voxels } from '../volume.ts';
import type { Rescale } from './rescale.ts';

/** Stored values -> real values: the narrowest of 16 bits, 32 bits and float32 that holds them; float32 unless `isWhole`. */
export function rescaled(values: Voxels, rescale: Rescale, isWhole: boolean): Voxels {
  if ('table' in rescale) return looked(values, rescale, isWhole ? Int32Array : Float32Array);
  if (!isWhole || values instanceof Float32Array || values instanceof Float64Array)
    return linear(values, rescale, new Float32Array(values.length));
  const narrow = new Int16Array(values.length);
  const range = rescale.slope === 1 ? shifted(values, rescale.intercept, narrow) : rangeOf(values);
  const [low, high] = range.map((end) => rescale.slope * end + rescale.intercept).sort((a, b) => a - b) as [
    number,
    number,
  ]; // two ends
  if (low >= -32768 && high <= 32767) return rescale.slope === 1 ? narrow : linear(values, rescale, narrow);
  const fits = low >= -(2 ** 31) && high < 2 ** 31;
  return linear(values, rescale, fits ? new Int32Array(values.length) : new Float32Array(values.length));
}

/** Writes values plus the intercept, whether they fit or not, and gives the range of the values: one pass costs less than two. */
function shifted(values: Voxels, intercept: number, target: Int16Array): readonly [number, number] {
  let [low, high] = [values[0] ?? 0, values[0] ?? 0];
  for (let v = 0; v < target.length; v++) {
    const value = values[v]!;
    target[v] = value + intercept;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return [low, high];
}

function looked(
  values: Voxels,
  { first, table }: Extract<Rescale, { readonly first: number }>,
  type: typeof Int32Array | typeof Float32Array,
): Voxels {
  const target = new type(values.length);
  for (let v = 0; v < target.length; v++)
    target[v] = table[Math.min(Math.max(values[v]! - first, 0), table.length - 1)]!;
  return target;
}

function linear<Target extends Voxels>(
  values: Voxels,
  { slope, intercept }: { readonly slope: number; readonly intercept: number },
  target: Target,
): Target {
  if (slope === 1 && intercept === 0) target.set(values);
  else if (slope === 1) for (let v = 0; v < target.length; v++) target[v] = values[v]! + intercept;
  else for (let v = 0; v < target.length; v++) target[v] = slope * values[v]! + intercept;
  return target;
}

/** Least and greatest value. */
export function rangeOf(values: Voxels): readonly [number, number] {
  let [low, high] = [values[0] ?? 0, values[0] ?? 0];
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!; // an index is four times as fast as an iterator here
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return [low, high];
}
