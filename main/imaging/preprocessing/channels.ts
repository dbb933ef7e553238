import { voxelCount } from '../geometry/grids.ts';
import type { Volume } from '../volume.ts';

/** One volume per channel: 4-D images are split, their voxels shared. */
export function channelsOf(volumes: readonly Volume[]): readonly Volume[] {
  return volumes.flatMap((volume) => {
    const voxels = voxelCount(volume);
    return Array.from({ length: volume.components }, (_, c) => ({
      ...volume,
      voxels: volume.voxels.subarray(c * voxels, (c + 1) * voxels),
      components: 1,
    }));
  });
}
