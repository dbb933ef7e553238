import { AppError } from '../../../contract/errors/app-error.ts';
import { isGzip, readSpan } from '../read-span.ts';
import { decodeScalars, type ScalarType, scalarBytes } from '../scalar-types.ts';
import type { Volume, Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import { decodeText } from './ascii.ts';
import { axesOf } from './axes.ts';
import { typeOfName } from './data-types.ts';
import { detachedDataFile, parseHeader } from './header.ts';
import { refuse } from './values.ts';

type Fields = ReadonlyMap<string, string>;
type Encoding = 'raw' | 'gzip' | 'ascii';

/**
 * An NRRD image: raw, gzip or ascii, attached, or detached with the bytes of the file that `detachedDataFile` names.
 * A fourth axis becomes `components`. @throws AppError of the imaging area, naming `name`
 */
export function decodeNrrd(bytes: Uint8Array, detached?: Uint8Array, name = 'The image'): Volume {
  const { fields, headerBytes } = parseHeader(bytes, name);
  const axes = axesOf(fields, name);
  const type = scalarType(fields, name);
  const dataFile = detachedDataFile(bytes, name);
  if (dataFile !== undefined && detached === undefined) throw new AppError('nrrd/data-missing', { name, dataFile });
  const stored = dataFile === undefined ? bytes.subarray(headerBytes) : detached!; // checked above
  const { size, components, componentStride, affineRasMm, warnings } = axes;
  const count = size[0] * size[1] * size[2] * components;
  const { voxels, inexact } = values(stored, { fields, type, count, name });
  const inexactWarning = 'Some 64-bit whole numbers are too large to be held exactly.';
  return {
    size,
    affineRasMm,
    voxels: componentsLast(voxels, components, componentStride),
    components,
    warnings: inexact ? [...warnings, inexactWarning] : warnings,
  };
}

interface Request {
  readonly fields: Fields;
  readonly type: ScalarType;
  readonly count: number;
  readonly name: string;
}

function values(stored: Uint8Array, { fields, type, count, name }: Request): { voxels: Voxels; inexact: boolean } {
  const encoding = encodingOf(fields, name);
  const byteLength = count * scalarBytes[type];
  if (!Number.isSafeInteger(byteLength)) throw new AppError('image/too-large', { name, bytes: byteLength });
  const byteSkip = skip(fields, { field: 'byte skip', lowest: encoding === 'raw' ? -1 : 0 }, name);
  const lines = afterLines(stored, skip(fields, { field: 'line skip', lowest: 0 }, name));
  if (encoding === 'ascii')
    return { voxels: decodeText(lines.subarray(byteSkip), { type, count, name }), inexact: false };
  if (encoding === 'gzip' && lines.length > 0 && !isGzip(lines)) {
    throw new AppError('image/damaged', { name, reason: 'not gzip, though the header says so' });
  }
  const offset = byteSkip === -1 ? lines.length - byteLength : byteSkip;
  if (offset < 0) throw new AppError('image/truncated', { name, expectedBytes: byteLength, actualBytes: lines.length });
  if (lines.length === 0) throw new AppError('image/truncated', { name, expectedBytes: byteLength, actualBytes: 0 });
  const request = { name, headBytes: 0, locate: () => ({ offset, byteLength }) };
  return decodeScalars(readSpan(lines, request, encoding), type, isLittleEndian(fields, type, name));
}

function scalarType(fields: Fields, name: string): ScalarType {
  const stated = fields.get('type') ?? '(none)';
  const type = typeOfName.get(stated.toLowerCase().replace(/\s+/g, ' '));
  if (type === undefined) throw new AppError('image/type-unsupported', { name, type: stated });
  return type;
}

const encodings: ReadonlyMap<string, Encoding> = new Map([
  ['raw', 'raw'],
  ['gzip', 'gzip'],
  ['gz', 'gzip'],
  ['ascii', 'ascii'],
  ['txt', 'ascii'],
  ['text', 'ascii'],
]);

function encodingOf(fields: Fields, name: string): Encoding {
  const stated = fields.get('encoding') ?? '(none)';
  const encoding = encodings.get(stated.toLowerCase());
  if (encoding === undefined) throw refuse({ name, field: 'encoding' }, stated, 'raw, gzip or ascii');
  return encoding;
}

function isLittleEndian(fields: Fields, type: ScalarType, name: string): boolean {
  const endian = fields.get('endian')?.toLowerCase();
  if (endian === 'little' || endian === 'big') return endian === 'little';
  if (scalarBytes[type] === 1) return true;
  throw refuse({ name, field: 'endian' }, endian ?? '(none)', 'little or big');
}

function skip(fields: Fields, { field, lowest }: { field: string; lowest: number }, name: string): number {
  const stated = fields.get(field) ?? '0';
  const count = Number(stated);
  if (Number.isSafeInteger(count) && count >= lowest) return count;
  throw refuse({ name, field }, stated, `a whole number from ${lowest}`);
}

function afterLines(bytes: Uint8Array, lines: number): Uint8Array {
  let at = 0;
  for (let n = 0; n < lines; n++) {
    const end = bytes.indexOf(10, at);
    if (end === -1) return bytes.subarray(bytes.length);
    at = end + 1;
  }
  return bytes.subarray(at);
}

/** Turns components that lie before or between the voxel axes into whole images one after the other. */
function componentsLast(stored: Voxels, components: number, stride: number): Voxels {
  const voxels = stored.length / components;
  if (components === 1 || stride === voxels) return stored;
  const planar = emptyLike(stored, stored.length);
  for (let voxel = 0; voxel < voxels; voxel++) {
    const inner = voxel % stride;
    const from = inner + (voxel - inner) * components;
    for (let c = 0; c < components; c++) planar[voxel + c * voxels] = stored[from + c * stride]!;
  }
  return planar;
}
