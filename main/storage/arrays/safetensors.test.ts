import { describe, expect, test } from 'vitest';
import { normals, rootKey } from '../../numerics/tensors/random.ts';
import { fromFloat16Bits, toFloat16Bits } from './float16.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { decodeSealed, encodeSealed } from './sealed-arrays.ts';

const code = (value: string) => expect.objectContaining({ code: value });
const arrays = {
  b: { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-20, 7) },
  a: { shape: [], data: Float32Array.of(42) },
  'group-1/empty': { shape: [0, 4], data: new Float32Array(0) },
};
/** A file with this header and so many bytes of data. */
function fileOf(header: unknown, dataBytes: number, length = JSON.stringify(header).length): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

describe('safetensors', () => {
  test('gives back arrays and metadata; the order of names does not matter for the bytes', () => {
    const bytes = encodeSafetensors(arrays, { metadata: { version: '1' } });
    expect(decodeSafetensors(bytes, 'f')).toEqual({ arrays, metadata: { version: '1' } });
    const turned = Object.fromEntries(Object.entries(arrays).reverse());
    expect(encodeSafetensors(turned, { metadata: { version: '1' } })).toEqual(bytes);
  });

  test('reads a file as the format describes it, and writes it so', () => {
    const file = fileOf({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 8);
    new DataView(file.buffer).setFloat32(file.length - 8, 1.5, true);
    expect(decodeSafetensors(file, 'f').arrays).toEqual({ x: { shape: [2], data: Float32Array.of(1.5, 0) } });
    const ours = encodeSafetensors({ x: { shape: [2], data: Float32Array.of(1.5, 0) } });
    const headerBytes = Number(new DataView(ours.buffer).getBigUint64(0, true));
    expect(JSON.parse(new TextDecoder().decode(ours.subarray(8, 8 + headerBytes)))).toEqual({
      x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    });
    expect((8 + headerBytes) % 8).toBe(0);
  });

  test('halves to float16 within its precision', () => {
    const data = Float32Array.from(normals(rootKey(1), 1000), (x) => 0.05 * x);
    const bytes = encodeSafetensors({ w: { shape: [1000], data } }, { precision: 'float16' });
    const { w } = decodeSafetensors(bytes, 'f').arrays;
    for (const [n, value] of data.entries())
      expect(Math.abs(w!.data[n]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11 + 2 ** -25);
    expect(() =>
      encodeSafetensors({ w: { shape: [1], data: Float32Array.of(1e6) } }, { precision: 'float16' }),
    ).toThrow(RangeError);
  });

  test('trusts nothing in a header', () => {
    const entry = (change: object, dataBytes = 8) =>
      fileOf({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } }, dataBytes);
    const broken = [
      entry({ dtype: 'I64' }),
      entry({ shape: [3] }),
      entry({ shape: [-2] }),
      entry({ shape: [2.5] }),
      entry({ data_offsets: [4, 12] }),
      entry({ data_offsets: [8, 0] }),
      entry({ data_offsets: [0, 1e15] }),
      entry({}, 4),
      entry({}, 12),
      entry({ more: 1 }),
      fileOf({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 8, 2 ** 40),
      fileOf([], 0),
      new Uint8Array(0),
      new Uint8Array(7),
      new TextEncoder().encode('this is no such file at all, is it'),
    ];
    for (const [n, bytes] of broken.entries())
      expect(() => decodeSafetensors(bytes, 'file.safetensors'), `file ${n}`).toThrow(code('storage/corrupted'));
  });
});

describe('sealed arrays', () => {
  test('give back data and arrays, and notice any changed byte', () => {
    const bytes = encodeSealed({ arrays, data: { step: 3, curve: [1, 2] } });
    expect(decodeSealed(bytes, 'f')).toEqual({ arrays, data: { step: 3, curve: [1, 2] } });
    for (let n = 8; n < bytes.length; n += 7) {
      const changed = bytes.slice();
      changed[n]! ^= 1;
      expect(() => decodeSealed(changed, 'f'), `byte ${n}`).toThrow();
    }
    expect(() => decodeSealed(bytes.subarray(0, bytes.length - 4), 'f')).toThrow(code('storage/corrupted'));
  });
});

describe('float16', () => {
  test('every finite number survives, halves round to even, extremes become infinite', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      if (((bits >> 10) & 31) === 31) continue;
      expect(toFloat16Bits(fromFloat16Bits(bits))).toBe(bits);
    }
    expect(fromFloat16Bits(toFloat16Bits(2049))).toBe(2048);
    expect(fromFloat16Bits(toFloat16Bits(2051))).toBe(2052);
    expect(fromFloat16Bits(toFloat16Bits(1e9))).toBe(Number.POSITIVE_INFINITY);
    expect(fromFloat16Bits(toFloat16Bits(Number.NaN))).toBeNaN();
  });
});
