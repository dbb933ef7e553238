import { AppError } from '../../../contract/errors/app-error.ts';
import { readSpan } from '../read-span.ts';
import { decodeScalars, type ScalarType, scalarBytes } from '../scalar-types.ts';
import type { Volume, Voxels } from '../volume.ts';
import { mostHeaderBytes, type NiftiHeader, parseHeader } from './header.ts';
import { placementOf } from './placement.ts';

/**
 * A NIfTI-1 or NIfTI-2 image, plain or gzip, in either byte order. Of a .hdr/.img pair `bytes` is the header file and
 * `pair` the voxel file. Values are rescaled by slope and intercept; a fourth axis becomes `components`.
 * @throws AppError of the imaging area, naming `name`
 */
export function decodeNifti(bytes: Uint8Array, pair?: Uint8Array, name = 'The image'): Volume {
  const { header, data } = pair === undefined ? readSingle(bytes, name) : readPair(bytes, pair, name);
  const { affineRasMm, warnings } = placementOf(header, name);
  const { voxels, inexact } = decodeScalars(data, header.type, header.littleEndian);
  const inexactWarning = 'Some 64-bit whole numbers are too large to be held exactly.';
  return {
    size: header.size,
    affineRasMm,
    voxels: rescale(voxels, header),
    components: header.components,
    warnings: [...header.warnings, ...warnings, ...(inexact ? [inexactWarning] : [])],
  };
}

interface Parts {
  readonly header: NiftiHeader;
  readonly data: Uint8Array<ArrayBuffer>;
}

function readSingle(bytes: Uint8Array, name: string): Parts {
  let header: NiftiHeader | undefined;
  const data = readSpan(bytes, {
    name,
    headBytes: mostHeaderBytes,
    locate: (head) => {
      header = parseHeader(head, name);
      if (!header.single) throw new AppError('nifti/pair-missing', { name });
      return { offset: header.offset, byteLength: voxelBytes(header, name) };
    },
  });
  return { header: header!, data }; // readSpan has called locate
}

function readPair(bytes: Uint8Array, pair: Uint8Array, name: string): Parts {
  let header: NiftiHeader | undefined;
  readSpan(bytes, {
    name,
    headBytes: mostHeaderBytes,
    locate: (head) => {
      header = parseHeader(head, name);
      return { offset: 0, byteLength: 0 };
    },
  });
  const found = header!; // readSpan has called locate
  if (found.single) {
    const allowed = '"ni1" or "ni2" where the voxels lie in a second file';
    throw new AppError('nifti/field', { name, field: 'magic', value: '"n+1" or "n+2"', allowed });
  }
  const span = { offset: found.offset, byteLength: voxelBytes(found, name) };
  const exactly = pair.length === span.offset + span.byteLength; // voxels that look like the magic of gzip are voxels
  const request = { name, headBytes: 0, locate: () => span };
  return { header: found, data: readSpan(pair, request, exactly ? 'raw' : undefined) };
}

function voxelBytes({ size, components, type }: NiftiHeader, name: string): number {
  const bytes = size[0] * size[1] * size[2] * components * scalarBytes[type];
  if (!Number.isSafeInteger(bytes)) throw new AppError('image/too-large', { name, bytes });
  return bytes;
}

const wideTypes: readonly ScalarType[] = ['int32', 'uint32', 'int64', 'uint64', 'float64'];

/** float64 where float32 could not hold the stored values, else float32. */
function rescale(stored: Voxels, { slope, intercept, type }: NiftiHeader): Voxels {
  if (slope === 1 && intercept === 0) return stored;
  const voxels = wideTypes.includes(type) ? new Float64Array(stored.length) : new Float32Array(stored.length);
  for (let n = 0; n < stored.length; n++) voxels[n] = stored[n]! * slope + intercept;
  return voxels;
}
