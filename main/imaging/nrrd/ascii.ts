import { AppError } from '../../../contract/errors/app-error.ts';
import type { ScalarType } from '../scalar-types.ts';
import type { Voxels } from '../volume.ts';
import { parseNumber, refuse } from './values.ts';

interface TextRequest {
  readonly type: ScalarType;
  readonly count: number;
  readonly name: string;
}

/** Array types of numbers written out; 64-bit integers become float64. */
const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  uint64: Float64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Numbers between blanks. @throws AppError image/truncated, nrrd/field where one is no number or does not fit the type */
export function decodeText(bytes: Uint8Array, { type, count, name }: TextRequest): Voxels {
  // Each number takes at least a digit and a blank, so nothing is allocated that the text cannot fill.
  const least = 2 * count - 1;
  if (least > bytes.length)
    throw new AppError('image/truncated', { name, expectedBytes: least, actualBytes: bytes.length });
  const words = new TextDecoder('latin1').decode(bytes).match(/\S+/g) ?? [];
  if (words.length < count) {
    throw new AppError('image/truncated', { name, expectedBytes: least, actualBytes: 2 * words.length });
  }
  const voxels = new arrays[type](count);
  const real = type === 'float32' || type === 'float64';
  for (let n = 0; n < count; n++) {
    const value = parseNumber(words[n]!);
    if (value !== undefined) voxels[n] = value;
    if (value === undefined || (!real && voxels[n] !== value)) {
      throw refuse({ name, field: 'type' }, `${type}, but a voxel is ${words[n]!}`, 'the type of every voxel');
    }
  }
  return voxels;
}
