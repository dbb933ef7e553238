import { gunzipSync } from 'fflate';
import { AppError } from '../../../contract/errors/app-error.ts';

/** An array of bytes as the MNIST files hold it, last axis fastest. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const [unsignedByte, gzipMark] = [0x08, 0x1f];

/** Reads an idx file of unsigned bytes (yann.lecun.com/exdb/mnist), plain or gzip; `name` is for the error. @throws AppError `idx/invalid` */
export function decodeIdx(bytes: Uint8Array, name: string): IdxArray {
  const invalid = (reason: string) => new AppError('idx/invalid', { name, reason });
  const plain = bytes[0] === gzipMark ? inflate(bytes, invalid) : bytes;
  if (plain.length < 4 || plain[0] !== 0 || plain[1] !== 0) throw invalid('it does not begin like an idx file');
  if (plain[2] !== unsignedByte) throw invalid('it holds no unsigned bytes');
  const axes = plain[3]!;
  const start = 4 + 4 * axes;
  if (axes === 0 || plain.length < start) throw invalid('its header ends early');
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, side) => product * side, 1);
  if (plain.length !== start + count) throw invalid(`it holds ${plain.length - start} values instead of ${count}`);
  return { shape, values: plain.subarray(start) };
}

function inflate(bytes: Uint8Array, invalid: (reason: string) => AppError): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    throw invalid('its gzip data are damaged');
  }
}
