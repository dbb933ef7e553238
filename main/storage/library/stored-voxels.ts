import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { PassThrough } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../../contract/errors/app-error.ts';
import { mostHeaderBytes, type NiftiHeader, parseHeader } from '../../imaging/nifti/header.ts';
import { placementOf } from '../../imaging/nifti/placement.ts';
import { hostIsLittleEndian, type ScalarType, scalarBytes } from '../../imaging/scalar-types.ts';
import type { Affine, Vec3 } from '../../imaging/volume.ts';
import { fileFailure } from '../files/file-failure.ts';

/** The values of an image as they are read, inflated off this thread, and never all at once. */
export interface StoredVoxels {
  readonly size: Vec3;
  readonly affineRasMm: Affine;
  readonly components: number;
  readonly type: ScalarType;
  readonly byteLength: number;
  /** The machine's byte order. Ends with an error where the file is shorter than it says, or its checksum differs. */
  readonly values: AsyncIterable<Uint8Array>;
  /** Lets the file go; for whoever does not read the values to their end. */
  close(): void;
}

const pieceBytes = 1 << 20;

/**
 * Opens a .nii or .nii.gz whose values need no change on their way: of this machine's byte order, not rescaled, no 64-bit integers. All that Fewscan
 * writes is such; undefined for any other, which `readVolume` reads.
 * @throws AppError of files and of NIfTI headers
 */
export async function streamVoxels(path: string): Promise<StoredVoxels | undefined> {
  const name = basename(path);
  const file = createReadStream(path, { highWaterMark: pieceBytes });
  const inflated = path.endsWith('.gz')
    ? createGunzip({ chunkSize: pieceBytes })
    : new PassThrough({ highWaterMark: pieceBytes });
  file.on('error', (cause) => inflated.destroy(fileFailure(cause, path) as Error)); // made of an error
  const pieces = file.pipe(inflated).iterator({ destroyOnReturn: false });
  const close = () => {
    file.destroy();
    inflated.destroy();
  };
  try {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < mostHeaderBytes) {
      const { value, done } = (await pieces.next()) as IteratorResult<Buffer, undefined>;
      if (done) break;
      head = head.length === 0 ? value : Buffer.concat([head, value]);
    }
    const header = parseHeader(head, name);
    if (!isPlain(header) || header.offset > head.length) {
      close();
      return undefined;
    }
    const { size, components, type, offset } = header;
    const byteLength = size[0] * size[1] * size[2] * components * scalarBytes[type];
    const values = valuesOf([head.subarray(offset), pieces], { name, byteLength, close });
    return { size, components, type, byteLength, affineRasMm: placementOf(header, name).affineRasMm, values, close };
  } catch (cause) {
    close();
    throw isDamage(cause) ? new AppError('image/damaged', { name, reason: cause.message }, { cause }) : cause;
  }
}

const isPlain = ({ single, littleEndian, slope, intercept, type }: NiftiHeader): boolean =>
  single &&
  littleEndian === hostIsLittleEndian &&
  slope === 1 &&
  intercept === 0 &&
  type !== 'int64' &&
  type !== 'uint64';

async function* valuesOf(
  [first, rest]: readonly [Uint8Array, AsyncIterable<Uint8Array>],
  { name, byteLength, close }: { readonly name: string; readonly byteLength: number; readonly close: () => void },
): AsyncGenerator<Uint8Array> {
  let sent = Math.min(first.length, byteLength);
  try {
    if (sent > 0) yield first.subarray(0, sent);
    for await (const piece of rest) {
      const part = piece.subarray(0, byteLength - sent); // to the end of the file: its checksum comes last
      sent += part.length;
      if (part.length > 0) yield part;
    }
    if (sent < byteLength)
      throw new AppError('image/truncated', { name, expectedBytes: byteLength, actualBytes: sent });
  } finally {
    close();
  }
}

/** What zlib says of bytes that are no whole gzip. */
const isDamage = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
