import type { Plane } from '../viewer/scan-view-settings.ts';

type Rows = readonly (readonly number[])[];
type Point = readonly [number, number, number];

/** Across each plane, RAS. */
export const acrossOf: Readonly<Record<Plane, Point>> = { axial: [0, 0, 1], sagittal: [1, 0, 0], coronal: [0, 1, 0] };

/** The place of a point in voxels, with fractions: the affine solved by Cramer's rule. */
export function voxelOf(rows: Rows, pointRasMm: Point): Point {
  const column = (n: number): Point => [rows[0]![n]!, rows[1]![n]!, rows[2]![n]!];
  const [a, b, c] = [column(0), column(1), column(2)];
  const origin = column(3);
  const d: Point = [pointRasMm[0] - origin[0], pointRasMm[1] - origin[1], pointRasMm[2] - origin[2]];
  const volume = (x: Point, y: Point, z: Point) =>
    x[0] * (y[1] * z[2] - y[2] * z[1]) - y[0] * (x[1] * z[2] - x[2] * z[1]) + z[0] * (x[1] * y[2] - x[2] * y[1]);
  const all = volume(a, b, c);
  return [volume(d, b, c) / all, volume(a, d, c) / all, volume(a, b, d) / all];
}

/** Index of the voxel that holds a point; undefined outside the scan. */
export function indexAt(rows: Rows, size: Point, pointRasMm: Point): number | undefined {
  const [i, j, k] = voxelOf(rows, pointRasMm).map((part) => Math.round(part) || 0) as [number, number, number];
  const isInside = [i, j, k].every((part, axis) => part >= 0 && part < size[axis]!);
  return isInside ? i + size[0] * (j + size[1] * k) : undefined;
}

/** Distance between neighbouring voxels along i, j, k, mm. */
export const spacingOf = (rows: Rows): Point => {
  const [i, j, k] = [0, 1, 2].map((axis) => Math.hypot(...rows.map((row) => row[axis]!)));
  return [i!, j!, k!];
};

/** Volume of one voxel, ml. */
export function voxelMl(rows: Rows): number {
  const [x, y, z] = rows as [number[], number[], number[]];
  const determinant =
    x[0]! * (y[1]! * z[2]! - y[2]! * z[1]!) -
    x[1]! * (y[0]! * z[2]! - y[2]! * z[0]!) +
    x[2]! * (y[0]! * z[1]! - y[1]! * z[0]!);
  return Math.abs(determinant) / 1000;
}

/** The voxel axis that crosses a plane most steeply. */
export function axisAcross(rows: Rows, plane: Plane): 0 | 1 | 2 {
  const spacing = spacingOf(rows);
  const steepness = ([0, 1, 2] as const).map((axis) =>
    Math.abs(acrossOf[plane].reduce((sum, part, n) => sum + part * rows[n]![axis]!, 0) / spacing[axis]),
  );
  return steepness.indexOf(Math.max(...steepness)) as 0 | 1 | 2; // one of three
}

/** mm; a plane halfway between two slices is in one of them, whichever way it rounds. */
const rounding = 1e-6;

/** Whether a plane cuts a voxel, from how far the voxel's centre lies off it: at most half of what a voxel spans across the plane. */
export function cutBy(rows: Rows, acrossRas: Point): (awayMm: number) => boolean {
  const half =
    [0, 1, 2].reduce(
      (sum, axis) => sum + Math.abs(rows.reduce((dot, row, part) => dot + row[axis]! * acrossRas[part]!, 0)),
      0,
    ) / 2;
  return (awayMm) => awayMm > -half + rounding && awayMm <= half + rounding;
}
