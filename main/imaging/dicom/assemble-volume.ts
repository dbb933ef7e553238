import { column, fromColumns, origin } from '../geometry/affine.ts';
import { resample } from '../geometry/resample.ts';
import type { Grid, Volume, Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import type { SliceHeader } from './frame-header.ts';
import { cross, dot, lengthOf, scaled } from './geometry-attributes.ts';
import type { StackPlan } from './plan-stack.ts';
import type { Rescale } from './rescale.ts';

/**
 * The volume of a planned stack. `valuesOf` gives the stored values of slice `n` along the stack, row by row.
 * Values are rescaled: whole numbers of 16 or 32 bits where every slice's slope and intercept are whole, else float32.
 */
export async function assembleVolume(
  slices: readonly SliceHeader[],
  plan: StackPlan,
  valuesOf: (n: number) => Promise<Voxels>,
): Promise<Volume> {
  const { columns, rows } = slices[0]!.tile;
  const pixels = columns * rows;
  const whole = slices.every(
    ({ rescale }) => 'table' in rescale || (Number.isInteger(rescale.slope) && Number.isInteger(rescale.intercept)),
  );
  let voxels: Voxels = new Int16Array(0);
  for (const [n, { rescale }] of slices.entries()) {
    const values = await valuesOf(n);
    const type = whole ? containerOf(values, rescale) : Float32Array;
    if (n === 0) voxels = new type(pixels * slices.length);
    else if (type !== voxels.constructor && !(voxels instanceof Float32Array)) voxels = widened(voxels, type);
    rescaleInto(voxels.subarray(n * pixels, (n + 1) * pixels), values, rescale);
  }
  const stack = {
    size: [columns, rows, slices.length] as const,
    affineRasMm: plan.affineRasMm,
    voxels,
    components: 1,
    warnings: plan.notes,
  };
  const even = plan.corrections.includes('spacing') ? evenlySpaced(stack, plan.steps) : stack;
  return plan.corrections.includes('tilt') ? straightened(even) : even;
}

/** Whole numbers of 16 bits -> what a later slice needs; never back. */
const widened = (voxels: Voxels, type: ReturnType<typeof containerOf>): Voxels =>
  type === Int16Array ? voxels : type.from(voxels);

function rescaleInto(target: Voxels, values: Voxels, rescale: Rescale): void {
  if ('table' in rescale) {
    const { first, table } = rescale;
    for (let v = 0; v < target.length; v++)
      target[v] = table[Math.min(Math.max(values[v]! - first, 0), table.length - 1)]!;
    return;
  }
  const { slope, intercept } = rescale;
  if (slope === 1 && intercept === 0) target.set(values);
  else for (let v = 0; v < target.length; v++) target[v] = slope * values[v]! + intercept;
}

/** The smallest type that holds what the stored type can give. */
function containerOf(values: Voxels, rescale: Rescale) {
  if ('table' in rescale) return Int32Array;
  if (values instanceof Float32Array || values instanceof Float64Array) return Float32Array;
  const { slope, intercept } = rescale;
  const ends = rangeOf(values).map((end) => slope * end + intercept);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  if (low >= -32768 && high <= 32767) return Int16Array;
  return low >= -(2 ** 31) && high < 2 ** 31 ? Int32Array : Float32Array;
}

function rangeOf(values: Voxels): readonly [number, number] {
  let [low, high] = [values[0] ?? 0, values[0] ?? 0];
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!; // an index is four times as fast as an iterator here
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return [low, high];
}

/** Slices at `steps` (ascending) -> slices at whole steps, linear between neighbours. */
function evenlySpaced(stack: Volume, steps: readonly number[]): Volume {
  const [ni, nj] = stack.size;
  const pixels = ni * nj;
  const count = Math.round(steps.at(-1)!) + 1;
  const voxels = emptyLike(stack.voxels, pixels * count);
  const whole = !(voxels instanceof Float32Array);
  for (let k = 0; k < count; k++) {
    const above = Math.max(
      1,
      steps.findIndex((step) => step >= k),
    );
    const [from, to] = [steps[above - 1]!, steps[above]!];
    const share = Math.min(1, Math.max(0, (k - from) / (to - from)));
    for (let v = 0; v < pixels; v++) {
      const value = (1 - share) * stack.voxels[(above - 1) * pixels + v]! + share * stack.voxels[above * pixels + v]!;
      voxels[k * pixels + v] = whole ? Math.round(value) : value;
    }
  }
  return { ...stack, size: [ni, nj, count], voxels };
}

/** A sheared stack resampled onto the square grid of its first slice's normal. */
function straightened(stack: Volume): Volume {
  const [i, j, k] = [column(stack.affineRasMm, 0), column(stack.affineRasMm, 1), column(stack.affineRasMm, 2)];
  const normal = cross(scaled(i, 1 / lengthOf(i)), scaled(j, 1 / lengthOf(j)));
  const [, , nk] = stack.size;
  const step = scaled(normal, dot(k, normal));
  // the stack drifts within the slice plane: the square grid covers all of it
  const drift = [
    dot(k, scaled(i, 1 / lengthOf(i))) / lengthOf(i),
    dot(k, scaled(j, 1 / lengthOf(j))) / lengthOf(j),
  ] as const;
  const grown = drift.map((pixels) => Math.ceil(Math.abs(pixels) * (nk - 1)));
  const before = drift.map((pixels, axis) => (pixels < 0 ? grown[axis]! : 0));
  const at = origin(stack.affineRasMm);
  const start = [0, 1, 2].map((x) => at[x]! - before[0]! * i[x]! - before[1]! * j[x]!);
  const grid: Grid = {
    size: [stack.size[0] + grown[0]!, stack.size[1] + grown[1]!, nk],
    affineRasMm: fromColumns(i, j, step, [start[0]!, start[1]!, start[2]!]),
  };
  const lowest = rangeOf(stack.voxels)[0];
  const square = resample(stack, grid, { interpolation: 'linear', outside: lowest });
  return { ...square, warnings: stack.warnings };
}
