import { column, fromColumns, origin } from '../geometry/affine.ts';
import { resample } from '../geometry/resample.ts';
import type { Grid, Volume, Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import type { SliceHeader } from './frame-header.ts';
import { cross, dot, lengthOf, scaled } from './geometry-attributes.ts';
import { evenCount, type StackPlan } from './plan-stack.ts';
import { rangeOf, rescaled } from './rescale-values.ts';
import { partsOf, VolumeGatherer, type VolumePart } from './volume-parts.ts';

/**
 * The parts of a planned stack's volume. `valuesOf` gives the stored values of slice `n` along the stack, row by row.
 * Values are rescaled: whole numbers of 16 or 32 bits where every slice's slope and intercept are whole, else float32.
 */
export async function* stackParts(
  slices: readonly SliceHeader[],
  plan: StackPlan,
  valuesOf: (n: number) => Promise<Voxels>,
): AsyncGenerator<VolumePart> {
  const { columns, rows } = slices[0]!.tile;
  const isWhole = slices.every(
    ({ rescale }) => 'table' in rescale || (Number.isInteger(rescale.slope) && Number.isInteger(rescale.intercept)),
  );
  const size = [columns, rows, slices.length] as const;
  const stack: VolumePart = {
    kind: 'grid',
    grid: { size, affineRasMm: plan.affineRasMm, components: 1, warnings: plan.notes },
  };
  const slice = async (n: number): Promise<VolumePart> => ({
    kind: 'slice',
    values: rescaled(await valuesOf(n), slices[n]!.rescale, isWhole),
  });
  if (plan.corrections.length === 0) {
    yield stack;
    for (const n of slices.keys()) yield await slice(n);
    return;
  }
  const gatherer = new VolumeGatherer();
  gatherer.take(stack);
  for (const n of slices.keys()) {
    gatherer.take(await slice(n));
    yield { kind: 'decoded' };
  }
  const uneven = gatherer.volume();
  const even = plan.corrections.includes('spacing') ? evenlySpaced(uneven, plan.steps) : uneven;
  yield* partsOf(plan.corrections.includes('tilt') ? straightened(even) : even);
}

/** Slices at `steps` (ascending) -> slices at whole steps, linear between neighbours. */
function evenlySpaced(stack: Volume, steps: readonly number[]): Volume {
  const [ni, nj] = stack.size;
  const pixels = ni * nj;
  const count = evenCount(steps);
  const voxels = emptyLike(stack.voxels, pixels * count);
  const whole = !(voxels instanceof Float32Array);
  for (let k = 0; k < count; k++) {
    const found = steps.findIndex((step) => step >= k);
    const above = found === -1 ? steps.length - 1 : Math.max(1, found); // beyond the last by rounding alone
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
