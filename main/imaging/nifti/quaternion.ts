import { AppError } from '../../../contract/errors/app-error.ts';
import type { Vec3 } from '../volume.ts';

/** Columns of a rotation matrix: where the axes i, j, k point. */
export interface Rotation {
  readonly i: Vec3;
  readonly j: Vec3;
  readonly k: Vec3;
}

/**
 * Rotation of the unit quaternion (a, b, c, d) with a >= 0, of which NIfTI stores b, c, d (nifti1.h, method 2).
 * @throws AppError nifti/field where they are not finite or longer than 1
 */
export function rotationOf([b, c, d]: Vec3, name: string): Rotation {
  const square = b * b + c * c + d * d;
  if (!(square <= 1.001)) {
    const value = [b, c, d].map((part) => part.toPrecision(6)).join(', ');
    throw new AppError('nifti/field', { name, field: 'quatern_b, c, d', value, allowed: 'of length 1 or less' });
  }
  const a = Math.sqrt(Math.max(0, 1 - square));
  const unit = square > 1 ? 1 / Math.sqrt(square) : 1; // float32 rounding of a half turn
  const [x, y, z] = [b * unit, c * unit, d * unit];
  return {
    i: [a * a + x * x - y * y - z * z, 2 * (x * y + a * z), 2 * (x * z - a * y)],
    j: [2 * (x * y - a * z), a * a + y * y - x * x - z * z, 2 * (y * z + a * x)],
    k: [2 * (x * z + a * y), 2 * (y * z - a * x), a * a + z * z - x * x - y * y],
  };
}

/** b, c, d of the quaternion of a proper rotation (determinant +1), by the largest of its four parts for stability. */
export function quaternionOf({ i, j, k }: Rotation): Vec3 {
  const squares = [1 + i[0] + j[1] + k[2], 1 + i[0] - j[1] - k[2], 1 - i[0] + j[1] - k[2], 1 - i[0] - j[1] + k[2]];
  const largest = squares.indexOf(Math.max(...squares));
  const [ab, ac, ad] = [j[2] - k[1], k[0] - i[2], i[1] - j[0]];
  const [bc, bd, cd] = [i[1] + j[0], k[0] + i[2], j[2] + k[1]];
  const rows = [
    [squares[0]!, ab, ac, ad],
    [ab, squares[1]!, bc, bd],
    [ac, bc, squares[2]!, cd],
    [ad, bd, cd, squares[3]!],
  ] as const; // 4 times the outer product of (a, b, c, d) with itself
  const [a, b, c, d] = rows[largest]!;
  const sign = a < 0 ? -1 : 1;
  const length = Math.hypot(a, b, c, d);
  return [(sign * b) / length, (sign * c) / length, (sign * d) / length];
}
