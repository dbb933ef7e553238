import type { Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import type { SliceHeader } from './frame-header.ts';

/** The part of a frame, row by row; the frame itself where the tile is all of it. */
export function cutTile(
  frame: Voxels,
  frameColumns: number,
  { column, row, columns, rows }: SliceHeader['tile'],
): Voxels {
  if (frame.length === columns * rows) return frame;
  const tile = emptyLike(frame, columns * rows);
  for (let r = 0; r < rows; r++) {
    const from = (row + r) * frameColumns + column;
    tile.set(frame.subarray(from, from + columns), r * columns);
  }
  return tile;
}
