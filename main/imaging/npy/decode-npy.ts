import { AppError } from '../../../contract/errors/app-error.ts';

/** An array of numbers as NumPy saved it, C order. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** float64 holds every integer up to 2^53. */
  readonly values: Float64Array;
}

type Read = (view: DataView, offset: number, littleEndian: boolean) => number;
const readers: Readonly<Record<string, readonly [bytes: number, read: Read]>> = {
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  b1: [1, (view, at) => view.getUint8(at)],
};
const magic = '\x93NUMPY';

/**
 * Reads a `.npy` file of format 1 to 3 (numpy.lib.format) with real numbers; `name` is for the error.
 * @throws AppError `npy/invalid`
 */
export function decodeNpy(bytes: Uint8Array, name: string): NpyArray {
  const refuse = (reason: string) => new AppError('npy/invalid', { name, reason });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== magic) throw refuse('it is no .npy file');
  const wide = bytes[6]! > 1;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw refuse('it is cut short');
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([<>|=]?)([a-z]\d)'/.exec(header);
  const shapeText = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  const reader = readers[type?.[2] ?? ''];
  if (!type || !reader || shapeText === undefined) throw refuse('it does not hold plain numbers');
  if (/'fortran_order':\s*True/.test(header))
    throw refuse('it is in Fortran order; save it with numpy.ascontiguousarray');
  const shape = shapeText
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number);
  const count = shape.reduce((product, side) => product * side, 1);
  const [size, read] = reader;
  if (end + count * size > bytes.length) throw refuse('it is cut short');
  return { shape, values: Float64Array.from({ length: count }, (_, n) => read(view, end + n * size, type[1] !== '>')) };
}
