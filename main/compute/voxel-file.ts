import { closeSync, mkdtempSync, openSync, read, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeScalars, hostIsLittleEndian, type ScalarType, scalarBytes } from '../imaging/scalar-types.ts';
import type { Voxels } from '../imaging/volume.ts';

const readBytes = promisify(read);

/** A file without a name that another process writes and this one reads along. */
export interface VoxelFile {
  readonly descriptor: number;
  /** The next values; they hold until the next call. @throws RangeError where the file ends before them */
  next(type: ScalarType, count: number): Promise<Voxels>;
  close(): void;
}

/** The name goes at once: whatever ends, and however, leaves nothing behind. Where a system keeps the name of an open file it goes on closing. */
export function openVoxelFile(): VoxelFile {
  const folder = mkdtempSync(join(tmpdir(), 'fewscan-'));
  const descriptor = openSync(join(folder, 'voxels'), 'wx+', 0o600);
  const forget = (): void => {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {} // open: later
  };
  forget();
  let at = 0;
  let memory = new Uint8Array(0);
  return {
    descriptor,
    async next(type, count) {
      const length = count * scalarBytes[type];
      if (memory.length !== length) memory = new Uint8Array(length); // one for all slices: fresh memory costs more than reading
      for (let done = 0; done < length; ) {
        const { bytesRead } = await readBytes(descriptor, memory, done, length - done, at + done);
        if (bytesRead === 0) throw new RangeError(`${done} of ${length} bytes of a slice are there`);
        done += bytesRead;
      }
      at += length;
      return decodeScalars(memory, type, hostIsLittleEndian).voxels;
    },
    close() {
      closeSync(descriptor);
      forget();
    },
  };
}
