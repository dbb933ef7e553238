import { type Block, blockGrid, blockOfBox, extractBlock, returnBlock } from '../geometry/block.ts';
import { cornersRasMm } from '../geometry/grids.ts';
import { resample } from '../geometry/resample.ts';
import type { Vec3, Volume } from '../volume.ts';
import type { Placement } from './plan-grid.ts';
import { toNative } from './to-native.ts';

/**
 * Classes [D, H, W] of a prediction (0 is background) on the scan's own grid. Where the scan was resampled, the indicator of
 * each class is interpolated linearly and the largest wins, as for probabilities: nearest neighbours would leave stairs at
 * each border. Works on the box that holds the classes only.
 */
export function classesToNative(placement: Placement, classes: Uint8Array): Volume<Uint8Array> {
  if (!placement.resampled) return toNative(placement, classes, 'labels');
  const { grid, native } = placement;
  const box = boxOf(classes, grid.size);
  if (!box) return { ...native, voxels: new Uint8Array(product(native.size)), components: 1, warnings: [] };
  const source = extractBlock({ ...grid, voxels: classes, components: 1, warnings: [] }, box);
  const corners = cornersRasMm(source);
  const end = (choose: (...values: number[]) => number, axis: 0 | 1 | 2) => choose(...corners.map((one) => one[axis]));
  const block = blockOfBox(native, [
    end(Math.min, 0),
    end(Math.min, 1),
    end(Math.min, 2),
    end(Math.max, 0),
    end(Math.max, 1),
    end(Math.max, 2),
  ]);
  const target = blockGrid(native, block);
  const winner = new Uint8Array(product(block.size));
  const most = new Float32Array(winner.length);
  const background = new Float32Array(winner.length).fill(1);
  for (const one of new Set(source.voxels)) {
    if (one === 0) continue;
    const indicator = { ...source, voxels: Float32Array.from(source.voxels, (value) => (value === one ? 1 : 0)) };
    const { voxels } = resample(indicator, target, { interpolation: 'linear', outside: 0 });
    for (let n = 0; n < winner.length; n++) {
      const share = voxels[n]!;
      background[n]! -= share;
      if (share > most[n]! || (share === most[n]! && share > 0 && one < winner[n]!)) {
        most[n] = share;
        winner[n] = one;
      }
    }
  }
  for (let n = 0; n < winner.length; n++) if (background[n]! >= most[n]!) winner[n] = 0;
  return returnBlock({ ...target, voxels: winner, components: 1, warnings: [] }, block, native);
}

const product = ([ni, nj, nk]: Vec3): number => ni * nj * nk;

/** The box of what is not background and a voxel around it, which may lie beyond the grid; undefined where all is. */
function boxOf(classes: Uint8Array, [ni, nj, nk]: Vec3): Block | undefined {
  const low = [ni, nj, nk];
  const high = [-1, -1, -1];
  for (let k = 0, n = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, n++) {
        if (classes[n] === 0) continue;
        for (const [axis, place] of [i, j, k].entries()) {
          low[axis] = Math.min(low[axis]!, place);
          high[axis] = Math.max(high[axis]!, place);
        }
      }
  if (high[0]! < 0) return undefined;
  const side = (axis: number) => high[axis]! - low[axis]! + 3;
  return { start: [low[0]! - 1, low[1]! - 1, low[2]! - 1], size: [side(0), side(1), side(2)] };
}
