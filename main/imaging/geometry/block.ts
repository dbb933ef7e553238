import { AppError } from '../../../contract/errors/app-error.ts';
import type { Grid, Vec3, Volume, Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import { axes, column, fromColumns, invert, transformPoint } from './affine.ts';
import { cornersRasMm, voxelCount } from './grids.ts';

/** Voxels `start` to `start + size - 1` of a grid; they may lie beyond it. */
export interface Block {
  readonly start: Vec3;
  readonly size: Vec3;
}

/** [x0, y0, z0, x1, y1, z1], RAS+ mm, opposite corners in any order. */
export type BoxRasMm = readonly [number, number, number, number, number, number];

/** The part of the world's grid that a block is; voxel centres keep their places. */
export function blockGrid({ affineRasMm: a }: Grid, { start, size }: Block): Grid {
  return { size, affineRasMm: fromColumns(column(a, 0), column(a, 1), column(a, 2), transformPoint(a, start)) };
}

/** Crops and pads at once: the block's voxels, `outside` where it reaches beyond the volume. */
export function extractBlock<Data extends Voxels>(volume: Volume<Data>, block: Block, outside = 0): Volume<Data> {
  const { size, components, voxels } = volume;
  const grid = blockGrid(volume, block);
  const target = emptyLike(voxels, voxelCount(grid) * components);
  if (outside !== 0) target.fill(outside);
  const first = axes.map((axis) => Math.max(0, -block.start[axis]));
  const last = axes.map((axis) => Math.min(block.size[axis], size[axis] - block.start[axis]));
  for (let c = 0; c < components && first[0]! < last[0]!; c++) {
    for (let k = first[2]!; k < last[2]!; k++) {
      for (let j = first[1]!; j < last[1]!; j++) {
        const row = block.start[1] + j + size[1] * (block.start[2] + k + size[2] * c);
        const from = block.start[0] + size[0] * row;
        const to = block.size[0] * (j + block.size[1] * (k + block.size[2] * c));
        target.set(voxels.subarray(from + first[0]!, from + last[0]!), to + first[0]!);
      }
    }
  }
  return { ...volume, ...grid, voxels: target };
}

/** Adds voxels on each side. */
export function pad<Data extends Voxels>(
  volume: Volume<Data>,
  { before, after, outside = 0 }: { readonly before: Vec3; readonly after: Vec3; readonly outside?: number },
): Volume<Data> {
  const side = (axis: 0 | 1 | 2) => before[axis] + volume.size[axis] + after[axis];
  const block: Block = { start: [-before[0], -before[1], -before[2]], size: [side(0), side(1), side(2)] };
  return extractBlock(volume, block, outside);
}

/** Puts the result of a block back where it was on the whole grid. */
export function returnBlock<Data extends Voxels>(
  part: Volume<Data>,
  block: Block,
  whole: Grid,
  outside = 0,
): Volume<Data> {
  const [i, j, k] = block.start;
  const returned = extractBlock(part, { start: [-i, -j, -k], size: whole.size }, outside);
  return { ...returned, affineRasMm: whole.affineRasMm };
}

/**
 * The smallest block of voxels that holds the part of the box inside the grid's field of view; on oblique grids the
 * block holds the tilted box. @throws AppError geometry/box-outside where they do not meet
 */
export function blockOfBox(grid: Grid, box: BoxRasMm): Block {
  const toVoxel = invert(grid.affineRasMm);
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((c) =>
    transformPoint(toVoxel, [box[c & 1 ? 3 : 0], box[c & 2 ? 4 : 1], box[c & 4 ? 5 : 2]]),
  );
  const extent = (axis: 0 | 1 | 2) => {
    const places = corners.map((corner) => corner[axis]);
    const low = Math.max(0, Math.floor(Math.min(...places) + 0.5 + 1e-6));
    const high = Math.min(grid.size[axis] - 1, Math.ceil(Math.max(...places) - 0.5 - 1e-6));
    if (!(Math.max(...places) >= -0.5 && Math.min(...places) <= grid.size[axis] - 0.5)) throw outsideError(grid, box);
    return { start: Math.min(low, grid.size[axis] - 1), size: Math.max(1, high - low + 1) };
  };
  const [i, j, k] = [extent(0), extent(1), extent(2)];
  return { start: [i.start, j.start, k.start], size: [i.size, j.size, k.size] };
}

function outsideError(grid: Grid, box: BoxRasMm): AppError {
  const corners = cornersRasMm(grid);
  const show = (choose: (...values: number[]) => number) =>
    axes.map((axis) => choose(...corners.map((corner) => corner[axis])).toFixed(1)).join(', ');
  return new AppError('geometry/box-outside', { boxMm: box.join(', '), lowMm: show(Math.min), highMm: show(Math.max) });
}
