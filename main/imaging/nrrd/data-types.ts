import type { ScalarType } from '../scalar-types.ts';

const spellings: Readonly<Record<ScalarType, readonly string[]>> = {
  int8: ['signed char', 'int8', 'int8_t'],
  uint8: ['uchar', 'unsigned char', 'uint8', 'uint8_t'],
  int16: ['short', 'short int', 'signed short', 'signed short int', 'int16', 'int16_t'],
  uint16: ['ushort', 'unsigned short', 'unsigned short int', 'uint16', 'uint16_t'],
  int32: ['int', 'signed int', 'int32', 'int32_t'],
  uint32: ['uint', 'unsigned int', 'uint32', 'uint32_t'],
  int64: ['longlong', 'long long', 'long long int', 'signed long long', 'signed long long int', 'int64', 'int64_t'],
  uint64: ['ulonglong', 'unsigned long long', 'unsigned long long int', 'uint64', 'uint64_t'],
  float32: ['float'],
  float64: ['double'],
};

/** The format's names for each type (teem.sourceforge.net/nrrd/format.html). */
export const typeOfName: ReadonlyMap<string, ScalarType> = new Map(
  Object.entries(spellings).flatMap(([type, names]) => names.map((name) => [name, type as ScalarType] as const)),
);

/** The name we write. */
export const nameOfType = (type: ScalarType): string => {
  if (type === 'float32') return 'float';
  return type === 'float64' ? 'double' : type;
};
