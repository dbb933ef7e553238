import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { derive, normals, rootKey, uniforms } from '../main/numerics/tensors/random.ts';

const side = 28;

/** Four idx files in the form of MNIST: each class a slanted bar at its own place and angle, jittered and noisy. */
export function writeMadeDigits(folder: string, perClass: { readonly train: number; readonly t10k: number }): string {
  mkdirSync(folder, { recursive: true });
  for (const [part, each] of Object.entries(perClass)) {
    const key = derive(rootKey(11), part);
    const labels = Uint8Array.from({ length: 10 * each }, (_, n) => n % 10);
    const pixels = new Uint8Array(labels.length * side * side);
    for (const [n, label] of labels.entries()) pixels.set(bar(label, derive(key, n)), n * side * side);
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idx([labels.length, side, side], pixels));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([labels.length], labels));
  }
  return folder;
}

function bar(label: number, key: ReturnType<typeof rootKey>): Uint8Array {
  const [jitterX, jitterY, jitterAngle] = normals(derive(key, 'place'), 3);
  const angle = (label * Math.PI) / 5 + 0.08 * jitterAngle!;
  const [x0, y0] = [14 + 4 * Math.cos(label) + 0.7 * jitterX!, 14 + 4 * Math.sin(label) + 0.7 * jitterY!];
  const noise = uniforms(derive(key, 'noise'), side * side);
  return Uint8Array.from(noise, (u, n) => {
    const [x, y] = [(n % side) - x0, Math.floor(n / side) - y0];
    const along = x * Math.cos(angle) + y * Math.sin(angle);
    const across = -x * Math.sin(angle) + y * Math.cos(angle);
    const inside = Math.abs(across) < 2 && Math.abs(along) < (label < 5 ? 9 : 5);
    return inside ? 180 + 60 * u : 30 * u;
  });
}

function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + values.length);
  const view = new DataView(file.buffer);
  file.set([0, 0, 8, shape.length]);
  for (const [axis, count] of shape.entries()) view.setUint32(4 + 4 * axis, count);
  file.set(values, 4 + 4 * shape.length);
  return file;
}
