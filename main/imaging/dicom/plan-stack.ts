import { AppError } from '../../../contract/errors/app-error.ts';
import { fromColumns } from '../geometry/affine.ts';
import type { Affine, Vec3 } from '../volume.ts';
import { cross, dot, type FramePlace, lengthOf, minus, plus, scaled, turnLpsRas } from './geometry-attributes.ts';

/** What a person may agree to. */
export type Correction = 'tilt' | 'spacing';

/** How slices make a volume. */
export interface StackPlan {
  /** Places of the slices in the caller's list, along the stack. */
  readonly order: readonly number[];
  /** RAS+ mm, of the stack as it is: sheared where the gantry was tilted. */
  readonly affineRasMm: Affine;
  /** Distance of each slice from the first along the normal, in steps of the affine; whole numbers where spacing is even. */
  readonly steps: readonly number[];
  /** What must be corrected before the volume is even and square. */
  readonly corrections: readonly Correction[];
  readonly notes: readonly string[];
}

/** Slices at whole steps from the first to the last that is there: nothing is made up beyond it. */
export const evenCount = (steps: readonly number[]): number => Math.floor(steps.at(-1)! + 1e-6) + 1;

/** A slice may lie off its place in an even stack by this share of the spacing. */
const spacingTolerance = 0.05;
const leastToleranceMm = 0.02;
/** Sideways drift of the whole stack, pixels, that counts as none. */
const driftPixels = 0.1;

/**
 * The stack that slices of one orientation make, from positions and orientation alone.
 * @param thicknessMm of a slice, for a stack of one
 * @throws AppError `dicom/one-slice`, `dicom/too-few-slices` where more of a stack would be made up than is there; `dicom/missing-slices`,
 * `dicom/uneven-spacing`, `dicom/gantry-tilt` where `agreed` lacks the correction
 */
export function planStack(
  places: readonly FramePlace[],
  {
    thicknessMm,
    agreed,
    kind,
  }: { readonly thicknessMm: number | undefined; readonly agreed: readonly Correction[]; readonly kind: string },
): StackPlan {
  const [first] = places;
  if (!first) throw new AppError('dicom/no-geometry', { kind });
  const normal = cross(first.rowDirectionLps, first.columnDirectionLps);
  const along = places.map(({ positionLps }) => dot(positionLps, normal));
  const order = along.map((_, n) => n).sort((a, b) => along[a]! - along[b]!);
  const at = order.map((n) => along[n]!);
  if (order.length === 1) {
    if (!(thicknessMm !== undefined && thicknessMm > 0)) throw new AppError('dicom/one-slice', { kind });
    return planOf(places, { order, step: scaled(normal, thicknessMm), steps: [0], corrections: [], notes: [] });
  }
  const spacing = evenSpacing(at, agreed);
  const ends = [places[order[0]!]!.positionLps, places[order.at(-1)!]!.positionLps] as const;
  const step = scaled(minus(ends[1], ends[0]), 1 / spacing.steps.at(-1)!);
  const drift = minus(step, scaled(normal, dot(step, normal)));
  const drifted = lengthOf(drift) * spacing.steps.at(-1)!;
  const tilted = drifted > driftPixels * Math.min(first.rowSpacingMm, first.columnSpacingMm);
  refuseBent(places, { order, steps: spacing.steps, step, first, kind });
  const degrees = (Math.atan2(lengthOf(drift), dot(step, normal)) * 180) / Math.PI;
  if (tilted && !agreed.includes('tilt')) throw new AppError('dicom/gantry-tilt', { degrees });
  return planOf(places, {
    order,
    step: tilted ? step : scaled(normal, dot(step, normal)),
    steps: spacing.steps,
    corrections: [...(tilted ? (['tilt'] as const) : []), ...(spacing.even ? [] : (['spacing'] as const))],
    notes: [
      ...spacing.notes,
      ...(tilted
        ? [`The stack was tilted by ${degrees.toFixed(1)} degrees; it was straightened by linear interpolation.`]
        : []),
    ],
  });
}

function planOf(
  places: readonly FramePlace[],
  plan: { readonly order: readonly number[]; readonly step: Vec3 } & Pick<StackPlan, 'steps' | 'corrections' | 'notes'>,
): StackPlan {
  const { order, step, steps, corrections, notes } = plan;
  const { rowDirectionLps, columnDirectionLps, columnSpacingMm, rowSpacingMm, positionLps } = places[order[0]!]!;
  const affineRasMm = fromColumns(
    turnLpsRas(scaled(rowDirectionLps, columnSpacingMm)),
    turnLpsRas(scaled(columnDirectionLps, rowSpacingMm)),
    turnLpsRas(step),
    turnLpsRas(positionLps),
  );
  return { order, affineRasMm, steps, corrections, notes };
}

interface Spacing {
  readonly steps: readonly number[];
  readonly even: boolean;
  readonly notes: readonly string[];
}

/** Whole steps where slices are even; where some are missing or uneven, steps of the median spacing. */
function evenSpacing(at: readonly number[], agreed: readonly Correction[]): Spacing {
  const count = at.length;
  const step = (at.at(-1)! - at[0]!) / (count - 1);
  const tolerance = (of: number) => Math.max(leastToleranceMm, spacingTolerance * of);
  if (at.every((x, n) => Math.abs(x - at[0]! - n * step) <= tolerance(step)))
    return { steps: at.map((_, n) => n), even: true, notes: [] };
  const gaps = at.slice(1).map((x, n) => x - at[n]!);
  const median = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
  const missing = gaps.map((gap) => Math.round(gap / median) - 1);
  const lost = missing.reduce((sum, n) => sum + n, 0);
  const steps = [0];
  for (const [n, absent] of missing.entries()) steps.push(steps[n]! + absent + 1);
  const stepMm = (at.at(-1)! - at[0]!) / steps.at(-1)!;
  const whole = lost > 0 && at.every((x, n) => Math.abs(x - at[0]! - steps[n]! * stepMm) <= tolerance(stepMm));
  const needed = Math.round((at.at(-1)! - at[0]!) / median) + 1;
  if (needed >= 2 * count) throw new AppError('dicom/too-few-slices', { there: count, needed });
  if (!agreed.includes('spacing')) {
    if (!whole) throw new AppError('dicom/uneven-spacing', { leastMm: Math.min(...gaps), mostMm: Math.max(...gaps) });
    const where = gaps.flatMap((_, n) => (missing[n]! > 0 ? [`${(at[n]! + median).toFixed(1)} mm`] : []));
    throw new AppError('dicom/missing-slices', { count: lost, at: where.slice(0, 5).join(', ') });
  }
  const note = whole
    ? `${lost} missing slice(s) were filled by linear interpolation between their neighbours.`
    : `Slices ${Math.min(...gaps).toFixed(2)} to ${Math.max(...gaps).toFixed(2)} mm apart were resampled to ${median.toFixed(2)} mm by linear interpolation.`;
  // whole steps stay whole: slices that are there are not blended with their neighbours for a rounded position
  return { steps: whole ? steps : at.map((x) => (x - at[0]!) / median), even: false, notes: [note] };
}

/** @throws AppError `dicom/no-geometry` where slices do not lie on one straight line */
function refuseBent(
  places: readonly FramePlace[],
  stack: {
    readonly order: readonly number[];
    readonly steps: readonly number[];
    readonly step: Vec3;
    readonly first: FramePlace;
    readonly kind: string;
  },
): void {
  const { order, steps, step, first, kind } = stack;
  const start = places[order[0]!]!.positionLps;
  const allowed = Math.max(first.rowSpacingMm, first.columnSpacingMm) / 2 + spacingTolerance * lengthOf(step);
  const bent = order.some(
    (place, n) => lengthOf(minus(places[place]!.positionLps, plus(start, scaled(step, steps[n]!)))) > allowed,
  );
  if (bent) throw new AppError('dicom/no-geometry', { kind: `${kind}, slices that do not lie in a straight stack` });
}
