import type { ScalarType } from '../scalar-types.ts';

/** NIfTI datatype codes that we read and write. */
export const codeOfType: Readonly<Record<ScalarType, number>> = {
  uint8: 2,
  int16: 4,
  int32: 8,
  float32: 16,
  float64: 64,
  int8: 256,
  uint16: 512,
  uint32: 768,
  int64: 1024,
  uint64: 1280,
};

export const typeOfCode: ReadonlyMap<number, ScalarType> = new Map(
  Object.entries(codeOfType).map(([type, code]) => [code, type as ScalarType]),
);

/** Names for what we refuse. */
export const refusedTypes: ReadonlyMap<number, string> = new Map([
  [0, 'unknown'],
  [1, 'binary'],
  [32, 'complex64'],
  [128, 'RGB24'],
  [1536, 'float128'],
  [1792, 'complex128'],
  [2048, 'complex256'],
  [2304, 'RGBA32'],
]);
