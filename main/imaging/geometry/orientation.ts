import type { Affine, Grid, Vec3 } from '../volume.ts';
import { type Axis, axes, column, fromColumns, norm, scaled, transformPoint } from './affine.ts';

/**
 * An exact change of voxel axes: new axis `a` runs along old axis `from[a]`, backwards where `flip[a]`.
 * There are 48, with as many orientations.
 */
export interface Turn {
  readonly from: readonly [Axis, Axis, Axis];
  readonly flip: readonly [boolean, boolean, boolean];
}

const letters = ['LR', 'PA', 'IS'] as const;
const permutations: readonly (readonly [Axis, Axis, Axis])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** Where voxel axes i, j, k point to, closest: 'RAS', 'LIA', ... */
export function orientationCode(affine: Affine): string {
  const { from, flip } = turnTo(affine, 'RAS');
  const code = ['', '', ''];
  for (const world of axes) code[from[world]] = letters[world][flip[world] ? 0 : 1]!;
  return code.join('');
}

/**
 * The turn after which voxel axes point closest to the letters of `code`. On oblique grids voxel axes are matched to
 * world axes so that the sum of the cosines between them is largest.
 * @throws RangeError where `code` names no orientation
 */
export function turnTo(affine: Affine, code: string): Turn {
  const cosine = (axis: Axis, world: Axis) => column(affine, axis)[world] / norm(column(affine, axis));
  const closeness = (order: readonly Axis[]) =>
    axes.reduce<number>((sum, world) => sum + Math.abs(cosine(order[world]!, world)), 0);
  let closest = permutations[0]!;
  for (const order of permutations) if (closeness(order) > closeness(closest) + 1e-9) closest = order;
  const wanted = Array.from(code, (letter) => letters.findIndex((pair) => pair.includes(letter)));
  if (wanted.length !== 3 || new Set(wanted).size !== 3 || wanted.includes(-1)) {
    throw new RangeError(`turnTo: ${code} is no orientation`);
  }
  const along = (position: Axis) => closest[wanted[position] as Axis];
  const backwards = (position: Axis) => {
    const world = wanted[position] as Axis;
    return cosine(along(position), world) > 0 !== (letters[world][1] === code[position]);
  };
  return { from: [along(0), along(1), along(2)], flip: [backwards(0), backwards(1), backwards(2)] };
}

/** Undoes `turn`. */
export function inverseTurn({ from, flip }: Turn): Turn {
  const back = (axis: Axis) => from.indexOf(axis) as Axis; // from is a permutation
  return { from: [back(0), back(1), back(2)], flip: [flip[back(0)], flip[back(1)], flip[back(2)]] };
}

export const isIdentity = ({ from, flip }: Turn): boolean =>
  from.every((axis, a) => axis === a) && !flip.includes(true);

/** The turned grid: the same voxel centres, numbered anew. */
export function turnGrid({ size, affineRasMm }: Grid, { from, flip }: Turn): Grid {
  const step = (a: Axis): Vec3 => scaled(column(affineRasMm, from[a]), flip[a] ? -1 : 1);
  const first: [number, number, number] = [0, 0, 0];
  for (const a of axes) if (flip[a]) first[from[a]] = size[from[a]] - 1;
  return {
    size: [size[from[0]], size[from[1]], size[from[2]]],
    affineRasMm: fromColumns(step(0), step(1), step(2), transformPoint(affineRasMm, first)),
  };
}
