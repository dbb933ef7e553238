import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { decodeIdx } from './decode-idx.ts';

const values = Uint8Array.from({ length: 12 }, (_, n) => 20 * n);
const header = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2];
const file = Uint8Array.from([...header, ...values]);

describe('an idx file', () => {
  test('is read plain, gzip, and from the middle of a buffer', () => {
    const padded = Uint8Array.from([9, 9, 9, ...file]).subarray(3);
    for (const bytes of [file, gzipSync(file), padded])
      expect(decodeIdx(bytes, 'x')).toEqual({ shape: [3, 2, 2], values });
  });

  test.each([
    ['no magic number', (b: Uint8Array) => b.with(0, 1)],
    ['no bytes but floats', (b: Uint8Array) => b.with(2, 0x0d)],
    ['no axes', (b: Uint8Array) => b.with(3, 0)],
    ['another size than its values', (b: Uint8Array) => b.with(7, 4)],
    ['a header that ends early', (b: Uint8Array) => b.subarray(0, 10)],
    ['nothing', () => new Uint8Array(0)],
    ['a damaged gzip', (b: Uint8Array) => gzipSync(b).subarray(0, 20)],
  ])('is refused with %s', (_, damage) => {
    expect(() => decodeIdx(damage(file), 'x')).toThrow(expect.objectContaining({ code: 'idx/invalid' }));
  });
});
