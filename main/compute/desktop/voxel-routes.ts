import {
  decodeVoxels,
  encodeVoxels,
  type VoxelArray,
  type VoxelHeader,
  voxelMessageHead,
} from '../../../contract/app/voxel-message.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import { scalarTypeOf } from '../../imaging/scalar-types.ts';
import type { Affine, Volume } from '../../imaging/volume.ts';
import { readNiftiComponent } from '../../storage/files/read-nifti-component.ts';
import type { FileScanLibrary } from '../../storage/library/scan-library.ts';
import { type StoredVoxels, streamVoxels } from '../../storage/library/stored-voxels.ts';

/** A voxel message on its way. */
export interface VoxelMessage {
  readonly byteLength: number;
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Voxels by path, for `/volume/` and `volume://`: `ID/image`, `ID/labels`, `ID/result/RESULT/MAP`, `ID/result/RESULT/samples/N` (from 0). */
export interface VoxelRoutes {
  read(path: string): Promise<VoxelMessage>;
  /** Labels of a scan, `ID/labels`, drawn on those of the hash `known`. Gives their own hash. */
  write(path: string, message: ArrayBuffer, known?: string): Promise<string>;
}

/** @param onChange called where a save changes what lists of scans show: first labels, or an approval that ends */
export function openVoxelRoutes(
  library: FileScanLibrary,
  readVolume: (path: string) => Promise<Volume>,
  onChange: () => void,
): VoxelRoutes {
  const send = async (path: string): Promise<VoxelMessage> => {
    const stored = await streamVoxels(path);
    return stored ? streamed(stored) : whole(await readVolume(path));
  };
  return {
    async read(path) {
      const [id = '', kind = '', result = '', map = '', sample, ...rest] = path.split('/');
      if (rest.length > 0 || (sample !== undefined && !(map === 'samples' && /^\d{1,3}$/.test(sample))))
        throw new AppError('library/no-such-scan', { id });
      if (kind === 'image' || kind === 'labels') return send(library.pathOf(id, kind));
      if (kind === 'result') {
        const file = library.pathOf(id, { result, map });
        return whileReplaced(async () =>
          sample === undefined ? send(file) : whole(await readNiftiComponent(file, Number(sample))),
        );
      }
      throw new AppError('library/no-such-scan', { id });
    },
    async write(path, message, known) {
      const [id = '', kind] = path.split('/');
      if (kind !== 'labels') throw new AppError('library/no-such-scan', { id });
      const before = await library.entry(id);
      const { labels, review } = await library.saveLabels(id, volumeOf(message), known);
      if (!before.labels?.sha256 || before.review !== review) onChange();
      return labels!.sha256; // just saved
    },
  };
}

/** A result that sharpens is replaced as a whole; for a moment its folder has no name. */
const replacingMs = 100;
async function whileReplaced<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof AppError && cause.code === 'storage/not-found')) throw cause;
    await new Promise((resolve) => setTimeout(resolve, replacingMs));
    return read();
  }
}

type Grid = Pick<Volume, 'size' | 'affineRasMm' | 'components'>;

const headerOf = ({ size, affineRasMm, components }: Grid, type: string): VoxelHeader => ({
  size: [...size],
  affineRasMm: affineRasMm.map((row) => [...row]),
  components,
  type: type as VoxelHeader['type'], // volumes hold no 64-bit integers
});

function streamed(stored: StoredVoxels): VoxelMessage {
  const head = voxelMessageHead(headerOf(stored, stored.type));
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* stored.values;
  }
  return { byteLength: head.length + stored.byteLength, pieces: pieces() };
}

function whole(volume: Volume): VoxelMessage {
  const message = encodeVoxels(headerOf(volume, scalarTypeOf(volume.voxels)), volume.voxels as VoxelArray); // the same types
  return { byteLength: message.length, pieces: [message] };
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
