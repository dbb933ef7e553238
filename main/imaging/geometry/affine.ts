import type { Affine, Vec3 } from '../volume.ts';

export type Axis = 0 | 1 | 2;
export const axes = [0, 1, 2] as const;

/** The step in world mm of one voxel along a voxel axis. */
export const column = (affine: Affine, axis: Axis): Vec3 => [affine[0][axis], affine[1][axis], affine[2][axis]];

/** World position of the centre of voxel (0, 0, 0). */
export const origin = (affine: Affine): Vec3 => [affine[0][3], affine[1][3], affine[2][3]];

export function fromColumns(i: Vec3, j: Vec3, k: Vec3, at: Vec3): Affine {
  const row = (x: Axis) => [i[x], j[x], k[x], at[x]] as const;
  return [row(0), row(1), row(2)];
}

/** The affine's image of a point, e.g. voxel index to world mm. */
export function transformPoint(affine: Affine, [i, j, k]: Vec3): Vec3 {
  const along = (x: Axis) => affine[x][0] * i + affine[x][1] * j + affine[x][2] * k + affine[x][3];
  return [along(0), along(1), along(2)];
}

/** `outer` after `inner`. */
export function multiply(outer: Affine, inner: Affine): Affine {
  const turn = (v: Vec3): Vec3 => {
    const along = (x: Axis) => outer[x][0] * v[0] + outer[x][1] * v[1] + outer[x][2] * v[2];
    return [along(0), along(1), along(2)];
  };
  return fromColumns(
    turn(column(inner, 0)),
    turn(column(inner, 1)),
    turn(column(inner, 2)),
    transformPoint(outer, origin(inner)),
  );
}

export const determinant = (affine: Affine): number =>
  dot(column(affine, 0), cross(column(affine, 1), column(affine, 2)));

/** World to voxel for a voxel-to-world affine. @throws RangeError where it is singular (readers refuse such files) */
export function invert(affine: Affine): Affine {
  const [i, j, k] = [column(affine, 0), column(affine, 1), column(affine, 2)];
  const volume = determinant(affine);
  if (isSingular(affine)) throw new RangeError('invert: singular affine');
  const at = origin(affine);
  const row = (normal: Vec3) => {
    const [x, y, z] = [normal[0] / volume, normal[1] / volume, normal[2] / volume];
    return [x, y, z, -(x * at[0] + y * at[1] + z * at[2])] as const;
  };
  return [row(cross(j, k)), row(cross(k, i)), row(cross(i, j))];
}

/** Not finite, or voxel axes that do not span space (volume below a millionth of the box with their lengths). */
export function isSingular(affine: Affine): boolean {
  const lengths = axes.map((axis) => norm(column(affine, axis)));
  if (!affine.flat().every(Number.isFinite) || Math.min(...lengths) < 1e-6) return true;
  return Math.abs(determinant(affine)) < 1e-6 * lengths.reduce((product, length) => product * length, 1);
}

export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const norm = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);
export const scaled = (a: Vec3, by: number): Vec3 => [a[0] * by, a[1] * by, a[2] * by];
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
