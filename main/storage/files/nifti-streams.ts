import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { niftiParts } from '../../imaging/nifti/encode.ts';
import type { Grid, Volume } from '../../imaging/volume.ts';

const pieceBytes = 1 << 20;

/** A .nii.gz as a stream, compressed off this thread and without a copy of the voxels. The same volume gives the same bytes. */
export const gzipNifti = (volume: Volume): AsyncIterable<Uint8Array> => gzipped(pieces(niftiParts(volume)));

/** A .nii as a stream: large, but read at once. */
export const plainNifti = (volume: Volume): Iterable<Uint8Array> => pieces(niftiParts(volume));

/** Images of one type on one grid as a fourth axis; the next one is asked for when the one before has gone. */
export const gzipNiftiSeries = (series: {
  readonly grid: Grid;
  readonly count: number;
  readonly images: Iterable<Uint8Array | Uint16Array>;
}): AsyncIterable<Uint8Array> => gzipped(pieces(seriesParts(series)));

/** `pipeline` hands a failure of the source on to whoever reads; `pipe` would not. */
const gzipped = (source: Iterable<Uint8Array>): AsyncIterable<Uint8Array> =>
  pipeline(Readable.from(source), createGzip({ level: 1 }), () => undefined);

function* seriesParts({
  grid,
  count,
  images,
}: Parameters<typeof gzipNiftiSeries>[0]): Generator<Uint8Array, void, undefined> {
  let written = 0;
  for (const voxels of images) {
    const [header, values] = niftiParts({ ...grid, voxels, components: written === 0 ? count : 1, warnings: [] });
    if (written++ === 0) yield header;
    yield values;
  }
  if (written !== count) throw new RangeError(`series of ${count} images had ${written}`);
}

function* pieces(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const part of parts)
    for (let from = 0; from < part.length; from += pieceBytes) yield part.subarray(from, from + pieceBytes);
}
