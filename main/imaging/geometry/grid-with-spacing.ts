import type { Grid, Vec3 } from '../volume.ts';
import { axes, column, fromColumns, scaled, transformPoint } from './affine.ts';
import { spacingMm } from './grids.ts';

/**
 * The grid with the given spacing along the same axes around the same centre, with as few voxels as cover the field of
 * view. All its voxel centres lie inside the field of view of `grid`.
 */
export function gridWithSpacing(grid: Grid, wantedMm: Vec3): Grid {
  const present = spacingMm(grid);
  const side = (axis: 0 | 1 | 2) =>
    Math.max(1, Math.ceil((grid.size[axis] * present[axis]) / wantedMm[axis] - coverageTolerance));
  const size: Vec3 = [side(0), side(1), side(2)];
  const ratio = axes.map((axis) => wantedMm[axis] / present[axis]);
  const steps = axes.map((axis) => scaled(column(grid.affineRasMm, axis), ratio[axis]!));
  const first = axes.map((axis) => (grid.size[axis] - 1) / 2 - ((size[axis] - 1) / 2) * ratio[axis]!);
  const at = transformPoint(grid.affineRasMm, [first[0]!, first[1]!, first[2]!]);
  return { size, affineRasMm: fromColumns(steps[0]!, steps[1]!, steps[2]!, at) };
}

/** A hundredth of a voxel beyond the grid is no reason for one more. */
const coverageTolerance = 0.01;
