import { AppError } from '../../../contract/errors/app-error.ts';
import type { ScalarType } from '../scalar-types.ts';
import { scalarBytes } from '../scalar-types.ts';
import type { Vec3 } from '../volume.ts';
import { refusedTypes, typeOfCode } from './data-types.ts';
import { type FieldName, layouts, readField, signatures } from './layout.ts';

/** A NIfTI header whose claims about the voxels have been checked; its geometry has not. */
export interface NiftiHeader {
  readonly littleEndian: boolean;
  /** Voxels in the same file as the header. */
  readonly single: boolean;
  readonly size: Vec3;
  readonly components: number;
  readonly type: ScalarType;
  readonly offset: number;
  readonly slope: number;
  readonly intercept: number;
  /** All numbers of a field, unchecked. */
  readonly numbers: (field: FieldName) => readonly number[];
  readonly warnings: readonly string[];
}

/** Bytes that are enough to parse any header. */
export const mostHeaderBytes = signatures[2].headerBytes;

/** @throws AppError image/unknown-format, image/truncated, image/dimensions, image/type-unsupported, nifti/field */
export function parseHeader(head: Uint8Array, name: string): NiftiHeader {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const { version, single, littleEndian } = recognise(view, name);
  const numbers = (field: FieldName) => readField(view, layouts[version][field], littleEndian);
  const number = (field: FieldName) => numbers(field)[0]!;
  const type = scalarType(number('datatype'), name);
  const { slope, intercept } = rescaling(number('scl_slope'), number('scl_inter'), name);
  const bits = number('bitpix');
  const bitsWarning = `The header field bitpix is ${bits}, which contradicts ${type}; ${type} was used.`;
  return {
    littleEndian,
    single,
    ...dimensions(numbers('dim'), name),
    type,
    offset: voxelOffset(number('vox_offset'), single ? signatures[version].firstVoxelByte : 0, name),
    slope,
    intercept,
    numbers,
    warnings: bits === 8 * scalarBytes[type] ? [] : [bitsWarning],
  };
}

function recognise(view: DataView, name: string): { version: 1 | 2; single: boolean; littleEndian: boolean } {
  const text = new TextDecoder('latin1');
  for (const version of [1, 2] as const) {
    const { headerBytes, magicAt, single, pair } = signatures[version];
    for (const littleEndian of [true, false]) {
      if (view.byteLength < 4 || view.getInt32(0, littleEndian) !== headerBytes) continue;
      if (view.byteLength < headerBytes) {
        throw new AppError('image/truncated', { name, expectedBytes: headerBytes, actualBytes: view.byteLength });
      }
      const magic = text.decode(new Uint8Array(view.buffer, view.byteOffset + magicAt, single.length));
      if (magic === single || magic === pair) return { version, single: magic === single, littleEndian };
    }
  }
  throw new AppError('image/unknown-format', { name });
}

/** Three axes, and one more at most (wherever among the last four it is written) that becomes the components. */
function dimensions(dim: readonly number[], name: string): { size: Vec3; components: number } {
  const [axes = 0] = dim;
  const sides = dim.slice(1, 1 + axes);
  const further = sides.slice(3).filter((side) => side !== 1);
  if (axes < 1 || axes > 7 || sides.some((side) => side < 1) || further.length > 1) {
    const sizes = axes < 1 || axes > 7 ? `${axes} axes` : sides.join(' x ');
    throw new AppError('image/dimensions', { name, sizes });
  }
  return { size: [sides[0]!, sides[1] ?? 1, sides[2] ?? 1], components: further[0] ?? 1 };
}

function scalarType(code: number, name: string): ScalarType {
  const type = typeOfCode.get(code);
  if (type) return type;
  const refused = refusedTypes.get(code);
  throw new AppError('image/type-unsupported', { name, type: refused ?? `unknown (NIfTI code ${code})` });
}

function voxelOffset(offset: number, lowest: number, name: string): number {
  if (Number.isSafeInteger(offset) && offset >= lowest) return offset;
  const allowed = `a whole number from ${lowest}`;
  throw new AppError('nifti/field', { name, field: 'vox_offset', value: String(offset), allowed });
}

/** Slope 0 and slope NaN mean "not rescaled". */
function rescaling(slope: number, intercept: number, name: string): { slope: number; intercept: number } {
  if (slope === 0 || Number.isNaN(slope)) return { slope: 1, intercept: 0 };
  if (!Number.isFinite(slope)) {
    throw new AppError('nifti/field', { name, field: 'scl_slope', value: String(slope), allowed: 'finite' });
  }
  if (!Number.isFinite(intercept)) {
    throw new AppError('nifti/field', { name, field: 'scl_inter', value: String(intercept), allowed: 'finite' });
  }
  return { slope, intercept };
}
