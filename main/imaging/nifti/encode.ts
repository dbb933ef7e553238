import { gzipSync } from 'fflate';
import { column, determinant, dot, norm, origin, scaled } from '../geometry/affine.ts';
import { spacingMm } from '../geometry/grids.ts';
import { hostIsLittleEndian, scalarBytes, scalarTypeOf, swapBytes } from '../scalar-types.ts';
import type { Affine, Volume } from '../volume.ts';
import { codeOfType } from './data-types.ts';
import { type FieldName, layouts, signatures, writeField } from './layout.ts';
import { quaternionOf } from './quaternion.ts';

/**
 * Scanner coordinates. With this code ITK takes the sform, as we do: the qform's float32 quaternion is good to about
 * 2e-4 only, near a half turn.
 */
const formCode = 1;
const millimetres = 2;

/**
 * A single-file little-endian NIfTI-1 image, or NIfTI-2 where a side exceeds 32767. Type and values are kept; the
 * sform is always written, the qform where the voxel axes are orthogonal. The same volume gives the same bytes.
 */
export function encodeNifti(volume: Volume, { gzip = false }: { readonly gzip?: boolean } = {}): Uint8Array {
  const [header, values] = niftiParts(volume);
  const bytes = new Uint8Array(header.length + values.length);
  bytes.set(header);
  bytes.set(values, header.length);
  return gzip ? gzipSync(bytes, { level: 1, mtime: 0 }) : bytes; // as nibabel: higher levels cost time, save little
}

/** The file as header and values; the values are a view of the volume's own memory where the machine is little-endian. */
export function niftiParts(volume: Volume): readonly [Uint8Array, Uint8Array] {
  const { size, components, voxels } = volume;
  const version = Math.max(...size, components) > 32767 ? 2 : 1;
  const header = new Uint8Array(signatures[version].firstVoxelByte);
  writeHeader(new DataView(header.buffer), volume, version);
  const values = new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);
  if (hostIsLittleEndian) return [header, values];
  const swapped = values.slice();
  swapBytes(swapped, voxels.BYTES_PER_ELEMENT);
  return [header, swapped];
}

function writeHeader(view: DataView, volume: Volume, version: 1 | 2): void {
  const { headerBytes, magicAt, single, firstVoxelByte } = signatures[version];
  const type = scalarTypeOf(volume.voxels);
  const { components, size, affineRasMm } = volume;
  const write = (field: FieldName, ...values: readonly number[]) => writeField(view, layouts[version][field], values);
  view.setInt32(0, headerBytes, true);
  for (const [n, character] of Array.from(single).entries()) view.setUint8(magicAt + n, character.charCodeAt(0));
  write('dim', components > 1 ? 4 : 3, ...size, components, 1, 1, 1);
  write('datatype', codeOfType[type]);
  write('bitpix', 8 * scalarBytes[type]);
  write('pixdim', determinant(affineRasMm) < 0 ? -1 : 1, ...spacingMm(volume), 1, 1, 1, 1);
  write('vox_offset', firstVoxelByte);
  write('scl_slope', 1);
  write('xyzt_units', millimetres);
  write('sform_code', formCode);
  write('srow', ...affineRasMm.flat());
  if (!isOrthogonal(affineRasMm)) return;
  write('qform_code', formCode);
  write('quatern', ...quaternion(affineRasMm));
  write('qoffset', ...origin(affineRasMm));
}

/** Voxel axes at right angles, to what float32 can tell. */
function isOrthogonal(affine: Affine): boolean {
  const [i, j, k] = [column(affine, 0), column(affine, 1), column(affine, 2)];
  const cosines = [dot(i, j) / (norm(i) * norm(j)), dot(j, k) / (norm(j) * norm(k)), dot(k, i) / (norm(k) * norm(i))];
  return cosines.every((cosine) => Math.abs(cosine) < 1e-5);
}

function quaternion(affine: Affine) {
  const handedness = determinant(affine) < 0 ? -1 : 1;
  const [i, j, k] = [column(affine, 0), column(affine, 1), column(affine, 2)];
  return quaternionOf({
    i: scaled(i, 1 / norm(i)),
    j: scaled(j, 1 / norm(j)),
    k: scaled(k, handedness / norm(k)),
  });
}
