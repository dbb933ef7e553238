import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hasPeer, python } from '../../../tests/peers.ts';
import { decodeNpy } from './decode-npy.ts';

function npy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header.padEnd(117, ' ')}\n`);
  const size = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...size, ...text, ...data]);
}
const bytesOf = (array: Float64Array | Int32Array) => new Uint8Array(array.buffer);
const header = (type: string, shape: string, order = 'False') =>
  `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe('decodeNpy', () => {
  test('numbers and shape, both header lengths', () => {
    const data = bytesOf(Float64Array.from([1.5, -2, 3e300, 4]));
    for (const version of [1, 2]) {
      const { shape, values } = decodeNpy(npy(header('<f8', '(2, 2)'), data, version), 'x');
      expect(shape).toEqual([2, 2]);
      expect([...values]).toEqual([1.5, -2, 3e300, 4]);
    }
    expect([...decodeNpy(npy(header('<i4', '(3,)'), bytesOf(Int32Array.from([7, -1, 530]))), 'x').values]).toEqual([
      7, -1, 530,
    ]);
    expect([...decodeNpy(npy(header('>i2', '()'), Uint8Array.from([1, 2])), 'x').values]).toEqual([258]);
  });

  test.each([
    ['no .npy file', new Uint8Array(40)],
    ['empty', new Uint8Array(0)],
    ['cut short in its data', npy(header('<f8', '(2,)'), new Uint8Array(15))],
    ['cut short in its header', npy(header('<f8', '(2,)'), new Uint8Array(0)).subarray(0, 30)],
    ['text', npy(header('<U5', '(2,)'), new Uint8Array(40))],
    ['Fortran order', npy(header('<f8', '(1, 1)', 'True'), new Uint8Array(8))],
  ])('refuses: %s', (_, bytes) => {
    expect(() => decodeNpy(bytes, 'priors.npy')).toThrow(expect.objectContaining({ code: 'npy/invalid' }));
  });

  test.skipIf(!hasPeer('numpy'))('reads what NumPy writes', () => {
    const types = ['f8', 'f4', 'i8', 'u8', 'i4', 'u4', 'i2', 'u2', 'i1', 'u1', '>f8', '>i4', '?'];
    for (const type of types) {
      const code = `import numpy, sys; numpy.save(sys.stdout.buffer, numpy.array([[0, 1, 1], [1, 0, 1]], dtype='${type}'))`;
      const { shape, values } = decodeNpy(execFileSync(python!, ['-c', code]), type);
      expect(shape).toEqual([2, 3]);
      expect([...values]).toEqual([0, 1, 1, 1, 0, 1]);
    }
  });
});
