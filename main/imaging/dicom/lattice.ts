import { AppError } from '../../../contract/errors/app-error.ts';
import type { Affine } from '../volume.ts';
import { cross, dot, type FramePlace } from './geometry-attributes.ts';
import { planStack } from './plan-stack.ts';

/** Even slices that frames lie on, some of them several times, some not at all. */
export interface Lattice {
  readonly affineRasMm: Affine;
  /** Slice of each frame. */
  readonly levels: readonly number[];
  readonly count: number;
}

/**
 * Whole steps of the least distance between frames, or of the spacing that the file gives where that fits.
 * @throws AppError `dicom/no-geometry`, `dicom/one-slice`
 */
export function latticeOf(places: readonly (FramePlace | undefined)[], givenMm: number | undefined): Lattice {
  const [first] = places;
  const placed = places.filter((place) => place !== undefined);
  if (!first || placed.length < places.length) throw new AppError('dicom/no-geometry', { kind: 'segmentation' });
  const normal = cross(first.rowDirectionLps, first.columnDirectionLps);
  const heights = placed.map(({ positionLps }) => dot(positionLps, normal));
  const low = Math.min(...heights);
  const distinct = [...new Set(heights.map((height) => Math.round((height - low) * 1000) / 1000))].sort(
    (a, b) => a - b,
  );
  const gaps = distinct.slice(1).map((height, n) => height - distinct[n]!);
  const least = gaps.length > 0 ? Math.min(...gaps) : undefined;
  const fits = givenMm !== undefined && gaps.every((gap) => Math.abs(gap / givenMm - Math.round(gap / givenMm)) < 0.05);
  const step = fits ? givenMm : least;
  if (step === undefined) throw new AppError('dicom/one-slice', { kind: 'segmentation' });
  const levels = heights.map((height) => Math.round((height - low) / step));
  const count = Math.max(...levels) + 1;
  const one = planStack([placed[heights.indexOf(low)]!], { thicknessMm: step, agreed: [], kind: 'segmentation' });
  return { affineRasMm: one.affineRasMm, levels, count };
}
