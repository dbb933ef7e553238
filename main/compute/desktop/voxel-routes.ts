import { decodeVoxels, encodeVoxels, type VoxelArray, type VoxelHeader } from '../../../contract/app/voxel-message.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import { scalarTypeOf } from '../../imaging/scalar-types.ts';
import type { Affine, Volume } from '../../imaging/volume.ts';
import { readNiftiComponent } from '../../storage/files/read-nifti-component.ts';
import type { FileScanLibrary } from '../../storage/library/scan-library.ts';

/** Voxels by path, for `/volume/` and `volume://`: `ID/image`, `ID/labels`, `ID/result/RESULT/MAP`, `ID/result/RESULT/samples/N` (from 0). */
export interface VoxelRoutes {
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Labels of a scan: `ID/labels`. */
  write(path: string, message: ArrayBuffer): Promise<void>;
}

export function openVoxelRoutes(library: FileScanLibrary, readVolume: (path: string) => Promise<Volume>): VoxelRoutes {
  return {
    async read(path) {
      const [id = '', kind = '', result = '', map = '', sample, ...rest] = path.split('/');
      if (rest.length > 0 || (sample !== undefined && !(map === 'samples' && /^\d{1,3}$/.test(sample))))
        throw new AppError('library/no-such-scan', { id });
      if (kind === 'image' || kind === 'labels') return messageOf(await readVolume(library.pathOf(id, kind)));
      if (kind === 'result') {
        const file = library.pathOf(id, { result, map });
        const read = () => (sample === undefined ? readVolume(file) : readNiftiComponent(file, Number(sample)));
        return messageOf(await readResult(read));
      }
      throw new AppError('library/no-such-scan', { id });
    },
    async write(path, message) {
      const [id = '', kind] = path.split('/');
      if (kind !== 'labels') throw new AppError('library/no-such-scan', { id });
      await library.saveLabels(id, volumeOf(message));
    },
  };
}

/** A result that sharpens is replaced as a whole; for a moment its folder has no name. */
const replacingMs = 100;
async function readResult(read: () => Promise<Volume>): Promise<Volume> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'storage/not-found')) throw cause;
    await new Promise((resolve) => setTimeout(resolve, replacingMs));
    return read();
  }
}

function messageOf({ size, affineRasMm, components, voxels }: Volume): Uint8Array<ArrayBuffer> {
  const header: VoxelHeader = {
    size: [...size],
    affineRasMm: affineRasMm.map((row) => [...row]),
    components,
    type: scalarTypeOf(voxels) as VoxelHeader['type'], // volumes hold no 64-bit integers
  };
  return encodeVoxels(header, voxels as VoxelArray); // the same types
}

function volumeOf(message: ArrayBuffer): Volume {
  try {
    const { header, voxels } = decodeVoxels(message);
    const affineRasMm = header.affineRasMm as unknown as Affine; // its length is checked by the grid's comparison
    return { size: header.size, affineRasMm, components: header.components, voxels, warnings: [] };
  } catch (cause) {
    throw new AppError('library/unreadable-voxels', { reason: cause instanceof Error ? cause.message : String(cause) });
  }
}
