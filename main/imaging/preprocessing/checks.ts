import { AppError } from '../../../contract/errors/app-error.ts';
import type { PreprocessingPlan } from '../../../contract/model.ts';
import { cornerDistanceMm, fieldOfViewMm, gridToleranceMm, sameSize } from '../geometry/grids.ts';
import { turnGrid, turnTo } from '../geometry/orientation.ts';
import type { Grid, Volume } from '../volume.ts';

export type Labels = Volume<Uint8Array | Uint16Array | Int32Array>;

/** @throws AppError image/not-finite where a voxel is NaN or infinite */
export function refuseNonFinite({ voxels }: Volume, name: string): void {
  if (!(voxels instanceof Float32Array || voxels instanceof Float64Array)) return;
  let count = 0;
  for (let n = 0; n < voxels.length; n++) if (!Number.isFinite(voxels[n]!)) count++;
  if (count > 0) throw new AppError('image/not-finite', { name, count });
}

/** How far a label may be from a whole number: rescaled files round. */
const roundingTolerance = 1e-4;

/**
 * A label image in the smallest of the three types that holds its values.
 * @throws AppError labels/components, image/not-finite, labels/not-integers
 */
export function asLabels(volume: Volume, name: string): Labels {
  const { voxels, components } = volume;
  if (components !== 1) throw new AppError('labels/components', { name, components });
  if (voxels instanceof Uint8Array || voxels instanceof Uint16Array) return { ...volume, voxels };
  refuseNonFinite(volume, name);
  let low = 0;
  let high = 0;
  for (let n = 0; n < voxels.length; n++) {
    const value = voxels[n]!;
    const whole = Math.round(value);
    if (Math.abs(value - whole) > roundingTolerance || whole !== (whole | 0)) {
      throw new AppError('labels/not-integers', { name, value });
    }
    if (whole < low) low = whole;
    if (whole > high) high = whole;
  }
  const fitting = low < 0 || high > 65535 ? Int32Array : high > 255 ? Uint16Array : Uint8Array;
  const labels = new fitting(voxels.length);
  for (let n = 0; n < voxels.length; n++) labels[n] = Math.round(voxels[n]!);
  return { ...volume, voxels: labels };
}

/** @throws AppError geometry/mismatch, geometry/shifted where a label voxel is not its image voxel's place (see gridToleranceMm) */
export function refuseDifferentGrids(image: Grid, label: Grid, name: string): void {
  if (!sameSize(image, label)) {
    throw new AppError('geometry/mismatch', {
      name,
      imageSize: image.size.join(' x '),
      labelSize: label.size.join(' x '),
    });
  }
  const distanceMm = cornerDistanceMm(image, label);
  if (distanceMm > gridToleranceMm(image)) throw new AppError('geometry/shifted', { name, distanceMm });
}

/** How much smaller or larger than any training scan a scan may be. */
const [smallest, largest] = [0.5, 1.5];

/**
 * Refuses what the model has never seen: a whole head for a model of crops, or the reverse.
 * @throws AppError plan/field-of-view, which tells of `--box`
 */
export function refuseForeignFieldOfView(grid: Grid, plan: PreprocessingPlan): void {
  const sides = fieldOfViewMm(turnGrid(grid, turnTo(grid.affineRasMm, plan.orientation)));
  const { low, high } = plan.fieldOfViewMm;
  const fits = sides.every((side, axis) => side >= smallest * low[axis]! && side <= largest * high[axis]!);
  const show = (triple: readonly number[]) => triple.map((mm) => mm.toFixed(0)).join(' x ');
  if (!fits) throw new AppError('plan/field-of-view', { sidesMm: show(sides), lowMm: show(low), highMm: show(high) });
}
