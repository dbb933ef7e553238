import type { Voxels } from './volume.ts';

/** How a file stores one value. */
export type ScalarType =
  | 'uint8'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

export const scalarBytes: Readonly<Record<ScalarType, number>> = {
  uint8: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

export const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The type that stores `voxels` without a change. */
export function scalarTypeOf(voxels: Voxels): ScalarType {
  return voxels.constructor.name.replace('Array', '').toLowerCase() as ScalarType; // Uint8Array -> uint8, ...
}

/**
 * Bytes as numbers. `data` must own its buffer, which is taken over and turned to the machine's byte order in place.
 * 64-bit integers become int32 where all fit, else float64 (`inexact` where one lies beyond 2^53).
 */
export function decodeScalars(
  data: Uint8Array<ArrayBuffer>,
  type: ScalarType,
  littleEndian: boolean,
): { readonly voxels: Voxels; readonly inexact: boolean } {
  if (littleEndian !== hostIsLittleEndian) swapBytes(data, scalarBytes[type]);
  const { buffer } = data;
  switch (type) {
    case 'uint8':
      return exact(data);
    case 'int8':
      return exact(new Int8Array(buffer));
    case 'int16':
      return exact(new Int16Array(buffer));
    case 'uint16':
      return exact(new Uint16Array(buffer));
    case 'int32':
      return exact(new Int32Array(buffer));
    case 'uint32':
      return exact(new Uint32Array(buffer));
    case 'float32':
      return exact(new Float32Array(buffer));
    case 'float64':
      return exact(new Float64Array(buffer));
    case 'int64':
      return narrow(new BigInt64Array(buffer));
    case 'uint64':
      return narrow(new BigUint64Array(buffer));
    default:
      throw type satisfies never;
  }
}

const exact = (voxels: Voxels) => ({ voxels, inexact: false });

function narrow(wide: BigInt64Array | BigUint64Array): { voxels: Voxels; inexact: boolean } {
  const real = new Float64Array(wide.length);
  let low = 0;
  let high = 0;
  for (let n = 0; n < wide.length; n++) {
    const value = Number(wide[n]!);
    real[n] = value;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low >= -(2 ** 31) && high < 2 ** 31) return exact(Int32Array.from(real));
  return { voxels: real, inexact: high > Number.MAX_SAFE_INTEGER || low < -Number.MAX_SAFE_INTEGER };
}

/** Reverses each group of `width` bytes in place. */
export function swapBytes(data: Uint8Array, width: number): void {
  for (let start = 0; start + width <= data.length; start += width) {
    for (let low = start, high = start + width - 1; low < high; low++, high--) {
      const byte = data[low]!;
      data[low] = data[high]!;
      data[high] = byte;
    }
  }
}
