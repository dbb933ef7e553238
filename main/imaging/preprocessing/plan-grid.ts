import type { PreprocessingPlan } from '../../../contract/model.ts';
import { gridWithSpacing } from '../geometry/grid-with-spacing.ts';
import { spacingMm } from '../geometry/grids.ts';
import { type Turn, turnGrid, turnTo } from '../geometry/orientation.ts';
import type { Grid } from '../volume.ts';

/** The way from a scan's native grid to the grid that the network sees. Plain data. */
export interface Placement {
  readonly native: Grid;
  readonly turn: Turn;
  /** The native grid, turned to the plan's orientation. */
  readonly turned: Grid;
  /** `turned`, or where `resampled` the grid of the plan's spacing over the same field of view. */
  readonly grid: Grid;
  readonly resampled: boolean;
}

/** Spacings this close to the plan's are left as they are: resampling would blur for nothing. */
const spacingTolerance = 0.01;

export function placementFor(native: Grid, { orientation, spacingMm: wanted }: PreprocessingPlan): Placement {
  const turn = turnTo(native.affineRasMm, orientation);
  const turned = turnGrid({ size: native.size, affineRasMm: native.affineRasMm }, turn);
  const resampled = spacingMm(turned).some((side, axis) => Math.abs(side / wanted[axis]! - 1) > spacingTolerance);
  return { native, turn, turned, grid: resampled ? gridWithSpacing(turned, wanted) : turned, resampled };
}
