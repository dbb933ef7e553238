import type { Grid, Vec3 } from '../volume.ts';
import { column, determinant, norm, transformPoint } from './affine.ts';

export const voxelCount = ({ size: [ni, nj, nk] }: Grid): number => ni * nj * nk;

/** Distance between neighbouring voxel centres along i, j, k, mm. */
export const spacingMm = ({ affineRasMm: a }: Grid): Vec3 => [
  norm(column(a, 0)),
  norm(column(a, 1)),
  norm(column(a, 2)),
];

/** Sides of the box of whole voxels along i, j, k, mm. */
export function fieldOfViewMm(grid: Grid): Vec3 {
  const [si, sj, sk] = spacingMm(grid);
  const [ni, nj, nk] = grid.size;
  return [ni * si, nj * sj, nk * sk];
}

/** Volume of one voxel in millilitres. */
export const voxelVolumeMl = (grid: Grid): number => Math.abs(determinant(grid.affineRasMm)) / 1000;

/** The eight corner voxels' centres, RAS+ mm. */
export function cornersRasMm({ size: [ni, nj, nk], affineRasMm }: Grid): readonly Vec3[] {
  const ends = ([i, j, k]: Vec3): Vec3 => [i * (ni - 1), j * (nj - 1), k * (nk - 1)];
  return [0, 1, 2, 3, 4, 5, 6, 7].map((c) => transformPoint(affineRasMm, ends([c & 1, (c >> 1) & 1, c >> 2])));
}

/** How far the corners of two grids of one size lie apart at most, mm. */
export function cornerDistanceMm(a: Grid, b: Grid): number {
  const others = cornersRasMm(b);
  const distances = cornersRasMm(a).map(([x, y, z], c) => {
    const other = others[c]!;
    return Math.hypot(x - other[0], y - other[1], z - other[2]);
  });
  return Math.max(...distances);
}

/**
 * How far two grids' corners may lie apart and still count as one grid, mm: 2 % of the smallest voxel side, and at
 * least 0.01 mm, since headers hold float32 and tools round.
 */
export const gridToleranceMm = (grid: Grid): number => Math.max(0.01, 0.02 * Math.min(...spacingMm(grid)));

export const sameSize = (a: Grid, b: Grid): boolean => a.size.every((n, axis) => n === b.size[axis]);

export const sameGrid = (a: Grid, b: Grid): boolean => sameSize(a, b) && cornerDistanceMm(a, b) <= gridToleranceMm(a);
