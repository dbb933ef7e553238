import type { Volume, Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import { voxelCount } from './grids.ts';
import { isIdentity, type Turn, turnGrid, turnTo } from './orientation.ts';
import { planarLane, turnVoxels } from './turn-voxels.ts';

/** The volume with its voxel axes permuted and flipped to `code`, e.g. 'RAS', as close as an oblique grid allows. Exact. */
export const reorient = <Data extends Voxels>(volume: Volume<Data>, code: string): Volume<Data> =>
  turnVolume(volume, turnTo(volume.affineRasMm, code));

/** Every value keeps its place in the world. `turnVolume(turned, inverseTurn(turn))` returns to the native grid. */
export function turnVolume<Data extends Voxels>(volume: Volume<Data>, turn: Turn): Volume<Data> {
  if (isIdentity(turn)) return volume;
  const { voxels: source, size: sourceSize, components } = volume;
  const target = emptyLike(source, source.length);
  for (let component = 0; component < components; component++) {
    const lane = planarLane(component, voxelCount(volume));
    turnVoxels({ source, sourceSize, sourceLane: lane, turn, target, targetLane: lane });
  }
  return { ...volume, ...turnGrid(volume, turn), voxels: target };
}
