import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../../contract/errors/app-error.ts';
import { mostHeaderBytes, type NiftiHeader, parseHeader } from '../../imaging/nifti/header.ts';
import { placementOf } from '../../imaging/nifti/placement.ts';
import { decodeScalars, scalarBytes } from '../../imaging/scalar-types.ts';
import type { Volume } from '../../imaging/volume.ts';
import { errorCode, touching } from './file-failure.ts';

/**
 * One image of a .nii.gz with a fourth axis, as a volume of one component. Inflated off this thread; the others are neither
 * held nor, where they come after it, read. @throws AppError of imaging and storage; `image/no-such-component`
 */
export function readNiftiComponent(path: string, component: number): Promise<Volume> {
  const name = basename(path);
  return touching(path, async () => {
    const stream = pipeline(createReadStream(path), createGunzip(), () => undefined); // its failure comes out of the loop
    const head: Buffer[] = [];
    let received = 0;
    let opened: Opened | undefined;
    const openHead = () => {
      const bytes = Buffer.concat(head);
      opened = open(bytes, component, name);
      store(bytes, 0, opened);
      return opened;
    };
    try {
      for await (const part of stream as AsyncIterable<Buffer>) {
        const start = received;
        received += part.length;
        if (opened) store(part, start, opened);
        else if (head.push(part) && received >= mostHeaderBytes) openHead();
        if (opened && received >= opened.from + opened.bytes.length) break;
      }
    } catch (cause) {
      if (!errorCode(cause)?.startsWith('Z_')) throw cause;
      throw new AppError('image/damaged', { name, reason: 'not gzip, or its end is missing' }, { cause });
    }
    const { header, bytes, from } = opened ?? openHead();
    const expectedBytes = from + bytes.length;
    if (received < expectedBytes) throw new AppError('image/truncated', { name, expectedBytes, actualBytes: received });
    const { affineRasMm } = placementOf(header, name);
    const { voxels } = decodeScalars(bytes, header.type, header.littleEndian);
    return { size: header.size, affineRasMm, voxels, components: 1, warnings: [] };
  });
}

interface Opened {
  readonly header: NiftiHeader;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the image begins in the inflated stream. */
  readonly from: number;
}

function open(head: Uint8Array, component: number, name: string): Opened {
  const header = parseHeader(head.subarray(0, mostHeaderBytes), name);
  const { size, type, offset, components } = header;
  if (component >= components) throw new AppError('image/no-such-component', { name, component, components });
  const bytes = new Uint8Array(size[0] * size[1] * size[2] * scalarBytes[type]);
  return { header, bytes, from: offset + component * bytes.length };
}

/** Copies what of `part`, which begins at `start` of the stream, belongs to the image. */
function store(part: Uint8Array, start: number, { bytes, from }: Opened): void {
  const begin = Math.max(0, from - start);
  const end = Math.min(part.length, from + bytes.length - start);
  if (end > begin) bytes.set(part.subarray(begin, end), start + begin - from);
}
