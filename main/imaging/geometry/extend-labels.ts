import type { Grid, Volume, Voxels } from '../volume.ts';
import { axes, invert, multiply, transformPoint } from './affine.ts';
import { extractBlock } from './block.ts';
import { gridToleranceMm, spacingMm } from './grids.ts';

/**
 * A partial label volume on the whole grid that it was drawn on: background where it says nothing. undefined where its voxels
 * are not voxels of that grid, or lie outside of it.
 */
export function extendLabels<Data extends Voxels>(labels: Volume<Data>, grid: Grid): Volume<Data> | undefined {
  const toGrid = multiply(invert(grid.affineRasMm), labels.affineRasMm);
  const tolerance = axes.map((axis) => gridToleranceMm(grid) / spacingMm(grid)[axis]);
  const farthest = Math.max(...labels.size);
  const parallel = axes.every((row) =>
    axes.every((column) => Math.abs(toGrid[row][column] - (row === column ? 1 : 0)) * farthest <= tolerance[row]!),
  );
  const at = transformPoint(toGrid, [0, 0, 0]);
  const start = [Math.round(at[0]), Math.round(at[1]), Math.round(at[2])] as const;
  const aligned = axes.every((axis) => Math.abs(at[axis] - start[axis]) <= tolerance[axis]!);
  const inside = axes.every((axis) => start[axis] >= 0 && start[axis] + labels.size[axis] <= grid.size[axis]);
  if (!parallel || !aligned || !inside) return undefined;
  const whole = extractBlock(labels, { start: [-start[0], -start[1], -start[2]], size: grid.size });
  return { ...whole, affineRasMm: grid.affineRasMm, warnings: labels.warnings };
}
