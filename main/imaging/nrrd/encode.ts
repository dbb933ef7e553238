import { gzipSync } from 'fflate';
import { axes, column, origin } from '../geometry/affine.ts';
import { hostIsLittleEndian, scalarTypeOf } from '../scalar-types.ts';
import type { Vec3, Volume } from '../volume.ts';
import { nameOfType } from './data-types.ts';

export type NrrdEncoding = 'raw' | 'gzip' | 'ascii';

/** One NRRD file in world space RAS; type and values are kept, components make the last axis. */
export function encodeNrrd(
  volume: Volume,
  { encoding = 'gzip' }: { readonly encoding?: NrrdEncoding } = {},
): Uint8Array {
  const header = headerText(volume, encoding);
  const data = encodeData(volume, encoding);
  const bytes = new Uint8Array(header.length + data.length);
  bytes.set(header);
  bytes.set(data, header.length);
  return bytes;
}

/** A header (.nhdr) and the bytes of the file beside it that it names. */
export function encodeDetachedNrrd(
  volume: Volume,
  dataFile: string,
  { encoding = 'gzip' }: { readonly encoding?: NrrdEncoding } = {},
): { readonly header: Uint8Array; readonly data: Uint8Array } {
  return { header: headerText(volume, encoding, dataFile), data: encodeData(volume, encoding) };
}

function headerText(volume: Volume, encoding: NrrdEncoding, dataFile?: string): Uint8Array {
  const { size, components, affineRasMm } = volume;
  const many = components > 1;
  const vector = (v: Vec3) => `(${v.join(',')})`;
  const directions = axes.map((axis) => vector(column(affineRasMm, axis))).join(' ');
  const lines = [
    'NRRD0005',
    `type: ${nameOfType(scalarTypeOf(volume.voxels))}`,
    `dimension: ${many ? 4 : 3}`,
    'space: right-anterior-superior',
    `sizes: ${size.join(' ')}${many ? ` ${components}` : ''}`,
    `space directions: ${directions}${many ? ' none' : ''}`,
    `kinds: domain domain domain${many ? ' list' : ''}`,
    `endian: ${hostIsLittleEndian ? 'little' : 'big'}`,
    `encoding: ${encoding}`,
    `space origin: ${vector(origin(affineRasMm))}`,
    ...(dataFile === undefined ? [''] : [`data file: ${dataFile}`]),
    '',
  ];
  return new TextEncoder().encode(lines.join('\n'));
}

function encodeData({ voxels, size }: Volume, encoding: NrrdEncoding): Uint8Array {
  const bytes = new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  if (encoding === 'raw') return bytes;
  if (encoding === 'gzip') return gzipSync(bytes, { level: 1, mtime: 0 });
  const rows = Array.from({ length: voxels.length / size[0] }, (_, row) =>
    voxels.subarray(row * size[0], (row + 1) * size[0]).join(' '),
  );
  return new TextEncoder().encode(`${rows.join('\n')}\n`);
}
