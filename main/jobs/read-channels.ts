import { AppError } from '../../contract/errors/app-error.ts';
import { sameGrid } from '../imaging/geometry/grids.ts';
import { stackVolumes } from '../imaging/geometry/stack-volumes.ts';
import { refuseNonFinite } from '../imaging/preprocessing/checks.ts';
import type { Volume } from '../imaging/volume.ts';

/** The images of one scan as one volume. @throws AppError `geometry/channels` where they lie on different grids, and those of reading */
export async function readChannels(
  readVolume: (path: string) => Promise<Volume>,
  paths: readonly string[],
  name: string,
): Promise<Volume> {
  const volumes: Volume[] = [];
  for (const path of paths) {
    const volume = await readVolume(path);
    refuseNonFinite(volume, name);
    volumes.push(volume);
  }
  const [first] = volumes;
  if (volumes.length === 1) return first!;
  if (!volumes.every((volume) => !volume.pictures && sameGrid(first!, volume)))
    throw new AppError('geometry/channels', { name });
  return stackVolumes(volumes);
}
