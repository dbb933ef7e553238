// Arrays that all peers read: PATH.bin holds float32, PATH.json the names and shapes in order.
import { readFileSync, writeFileSync } from 'node:fs';
import { layersOfArrays, randomArrays } from '../../dist/main/numerics/models/unet-weights.js';
import { derive, normals, rootKey } from '../../dist/main/numerics/tensors/random.js';

const netOf = (size) => ({ family: 'residual-unet', size, inputChannels: 1, classes: 2 });

/** A blob of noise with a ball as truth: cost depends on sizes alone, gradients must not vanish. */
export function writeWork(path, { side, batch, size = 'short' }) {
  const net = netOf(size);
  const named = layersOfArrays(net, randomArrays(net, rootKey(1)));
  const voxels = side ** 3;
  const image = Float32Array.from(normals(derive(rootKey(2), 'image'), voxels * batch));
  const truth = new Float32Array(voxels * batch * 2);
  for (let v = 0; v < voxels * batch; v++) {
    const [d, h, w] = [Math.floor(v / side ** 2) % side, Math.floor(v / side) % side, v % side];
    const inside = Math.hypot(d - side / 2, h - side / 2, w - side / 2) < side / 3;
    truth[2 * v + (inside ? 1 : 0)] = 1;
    if (inside) image[v] += 1;
  }
  const cube = [batch, side, side, side];
  const all = [
    ...Object.entries(named),
    ['#image', { shape: [...cube, 1], data: image }],
    ['#truth', { shape: [...cube, 2], data: truth }],
  ];
  writeArrays(path, Object.fromEntries(all));
}

/** Float32 arrays by name, `{ shape, data }` each. */
export function writeArrays(path, named) {
  const all = Object.entries(named);
  writeFileSync(`${path}.json`, JSON.stringify(all.map(([name, { shape }]) => [name, shape])));
  writeFileSync(
    `${path}.bin`,
    Buffer.concat(all.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))),
  );
}

export function readArrays(path) {
  const bytes = readFileSync(`${path}.bin`);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const named = {};
  let place = 0;
  for (const [name, shape] of JSON.parse(readFileSync(`${path}.json`, 'utf8'))) {
    const count = shape.reduce((product, side) => product * side, 1);
    named[name] = { shape, data: values.slice(place, place + count) };
    place += count;
  }
  return named;
}

export function readWork(path) {
  const { '#image': image, '#truth': truth, ...weights } = readArrays(path);
  const each = ({ shape: [batch, ...rest], data }) =>
    Array.from({ length: batch }, (_, n) => ({
      shape: [1, ...rest],
      data: data.slice((n * data.length) / batch, ((n + 1) * data.length) / batch),
    }));
  return {
    net: netOf('down-9/conv-1' in weights ? 'full' : 'short'),
    named: weights,
    image: each(image),
    truth: each(truth),
  };
}
