import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { niftiParts } from '../../imaging/nifti/encode.ts';
import type { Volume } from '../../imaging/volume.ts';

const pieceBytes = 1 << 20;

/** A .nii.gz as a stream, compressed off this thread and without a copy of the voxels. The same volume gives the same bytes. */
export const gzipNifti = (volume: Volume): AsyncIterable<Uint8Array> =>
  Readable.from(pieces(niftiParts(volume))).pipe(createGzip({ level: 1 }));

function* pieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts)
    for (let from = 0; from < part.length; from += pieceBytes) yield part.subarray(from, from + pieceBytes);
}
