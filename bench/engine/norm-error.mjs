// Error of the gradient of instance norm and ReLU beside one in double precision, by how far activations lie from zero:
// docs/results/bench-norm-error.json. `elsewhere` leaves out voxels within 1e-5 of ReLU's corner, which rounding puts on either side.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { grad, tensor } from '@tensorflow/tfjs-core';
import { chosenBackEnd, findBackEnds } from '../../dist/main/compute/back-end.js';
import { tensorflowFunctions } from '../../dist/main/compute/fused/tensorflow-functions.js';
import { composedFunctions } from '../../dist/main/numerics/tensors/fused/fused-functions.js';
import { normalisationEpsilon } from '../../dist/main/numerics/tensors/fused/normalise-and-activate.js';
import { normals, rootKey } from '../../dist/main/numerics/tensors/random.js';

const side = 48;
const channels = 16;
const voxels = side ** 3;
const corner = 1e-5;
const shape = [1, side, side, side, channels];

chosenBackEnd(await findBackEnds());
const rows = [];
for (const meanOverDeviation of [0, 0.5, 1, 2, 5, 20]) {
  const x = Float32Array.from(normals(rootKey(1), voxels * channels), (value) => value + meanOverDeviation);
  const dy = Float32Array.from(normals(rootKey(2), voxels * channels), (value) => 1e-3 * value);
  const exact = exactGradient(x, dy);
  for (const [form, functions] of Object.entries({ fused: tensorflowFunctions, composed: composedFunctions })) {
    const weights = tensor(dy, shape);
    const gradient = grad((values) => functions.normaliseAndActivate(values).mul(weights).sum())(tensor(x, shape));
    const row = { meanOverDeviation, form, ...errorOf(gradient.dataSync(), exact) };
    process.stderr.write(`${JSON.stringify(row)}\n`);
    rows.push(row);
  }
}
writeFileSync(
  join(import.meta.dirname, '../../docs/results/bench-norm-error.json'),
  `${JSON.stringify({ machine: { cpu: cpus()[0].model }, shape, corner, rows }, null, 1)}\n`,
);

function exactGradient(x, dy) {
  const values = new Float64Array(x.length);
  const isNearCorner = new Uint8Array(x.length);
  for (let c = 0; c < channels; c++) {
    const each = (work) => {
      for (let v = c; v < x.length; v += channels) work(v);
    };
    let [mean, square, slope, moment] = [0, 0, 0, 0];
    each((v) => (mean += x[v] / voxels));
    each((v) => (square += (x[v] - mean) ** 2 / voxels));
    const scale = 1 / Math.sqrt(square + normalisationEpsilon);
    const y = (v) => (x[v] - mean) * scale;
    each((v) => {
      isNearCorner[v] = Math.abs(y(v)) < corner ? 1 : 0;
      if (y(v) <= 0) return;
      slope += dy[v] / voxels;
      moment += (dy[v] * y(v)) / voxels;
    });
    each((v) => (values[v] = scale * ((y(v) > 0 ? dy[v] : 0) - slope - y(v) * moment)));
  }
  return { values, isNearCorner };
}

/** Norm of the difference over the norm of the gradient. */
function errorOf(found, { values, isNearCorner }) {
  let [error, elsewhere, whole] = [0, 0, 0];
  for (let n = 0; n < found.length; n++) {
    const squared = (found[n] - values[n]) ** 2;
    error += squared;
    if (!isNearCorner[n]) elsewhere += squared;
    whole += values[n] ** 2;
  }
  return { error: Math.sqrt(error / whole), elsewhere: Math.sqrt(elsewhere / whole) };
}
