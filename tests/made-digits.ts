import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { derive, rootKey, uniforms } from '../main/numerics/tensors/random.ts';

const side = 28;

/** Ten classes of made images as the four idx files of MNIST: bars at a place of the class, of random grey and length. */
export function writeMadeDigits(folder: string, counts: { readonly train: number; readonly test: number }): string {
  mkdirSync(folder, { recursive: true });
  for (const [part, count] of [
    ['train', counts.train],
    ['t10k', counts.test],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, n) => n % 10);
    const pixels = new Uint8Array(count * side * side);
    const random = uniforms(derive(rootKey(1), part), 2 * count);
    for (let n = 0; n < count; n++) {
      const [grey, length] = [128 + 127 * random[2 * n]!, 8 + Math.floor(16 * random[2 * n + 1]!)];
      const top = 3 + Math.floor(labels[n]! / 2) * 5;
      for (let y = top; y < top + 3; y++)
        for (let x = 0; x < length; x++) pixels[(n * side + y) * side + (labels[n]! % 2 ? side - 1 - x : x)] = grey;
    }
    writeFileSync(join(folder, `${part}-images-idx3-ubyte.gz`), gzipSync(idx([count, side, side], pixels)));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([count], labels));
  }
  return folder;
}

function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, 8);
  header.setUint8(3, shape.length);
  for (const [axis, size] of shape.entries()) header.setUint32(4 + 4 * axis, size);
  return Uint8Array.from([...new Uint8Array(header.buffer), ...values]);
}
