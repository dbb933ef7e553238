import { AppError } from '../../../contract/errors/app-error.ts';
import type { Affine } from '../volume.ts';
import type { FramePlace } from './geometry-attributes.ts';
import { planStack } from './plan-stack.ts';

/** How pictures in colour are stacked for looking at. */
export interface PicturePlan {
  /** Places of the pictures in the caller's list, along the stack. */
  readonly order: readonly number[];
  readonly affineRasMm: Affine;
  /** Whether the pictures are where they were taken; else they lie one behind the other, and millimetres mean nothing. */
  readonly placed: boolean;
}

/** Pixels of 1 mm, the first row in front, the first column on the patient's right: upright in an axial view. */
const nowhere: Affine = [
  [-1, 0, 0, 0],
  [0, -1, 0, 0],
  [0, 0, 1, 0],
];

/** An even stack where positions make one; else the pictures as they are listed. */
export function planPictures(
  places: readonly (FramePlace | undefined)[],
  thicknessMm: number | undefined,
): PicturePlan {
  const placed = places.filter((place) => place !== undefined);
  try {
    if (placed.length === places.length) {
      const { order, affineRasMm } = planStack(placed, { thicknessMm, agreed: [], kind: 'pictures' });
      return { order, affineRasMm, placed: true };
    }
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
  }
  return { order: places.map((_, n) => n), affineRasMm: nowhere, placed: false };
}
