// The process that leaks.mjs looks at. Usage: leaks-run.mjs STEPS PREDICTIONS EVERY. A line of JSON for each look at its memory.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { chosenBackEnd, findBackEnds } from '../../dist/main/compute/back-end.js';
import { exampleBatches } from '../../dist/main/jobs/example-batches.js';
import { recipeSchema } from '../../dist/main/jobs/training-recipe.js';
import { predictSample } from '../../dist/main/numerics/inference/predict-sample.js';
import { drawWeights } from '../../dist/main/numerics/posteriors/weight-posterior.js';
import { derive, normals, rootKey } from '../../dist/main/numerics/tensors/random.js';
import { toArrays } from '../../dist/main/numerics/tensors/tensor-record.js';
import { trainingMethod } from '../../dist/main/numerics/training/methods.js';
import { startTraining, trainingStep } from '../../dist/main/numerics/training/training.js';
import { openPorts } from '../../dist/main/storage/open-ports.js';

const [steps, predictions, every] = process.argv.slice(2).map(Number);
const net = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 2 };
const [patch, size] = [
  [32, 32, 32],
  [40, 40, 40],
];
const key = rootKey(0);
chosenBackEnd(await findBackEnds());
const prior = await openPorts(tmpdir()).priors.load('hippocampus-synthetic');
const recipe = recipeSchema.parse({ batch: 1 });
const voxels = size[0] * size[1] * size[2];
const image = Float32Array.from(normals(key, voxels));
const labels = Uint8Array.from(image, (_, v) => (v % size[2] > 12 && v % size[2] < 28 ? 1 : 0));
const method = trainingMethod('dwp', { net, prior: prior.weights, settings: recipe, observedVoxels: voxels, key });
const batches = exampleBatches({
  ...recipe,
  caseCount: 1,
  caseAt: async () => ({ image, labels, size }),
  channels: 1,
  classes: 2,
  patch,
  key,
});

let state = startTraining(method.start());
for (let step = 0; step < steps; step++) {
  const batch = await batches(step);
  state = trainingStep(method.objective, state, batch, { rate: recipe.rate, key: derive(key, 'step', step) }).state; // reads the loss synchronously
  for (const example of batch) tf.dispose(Object.values(example));
  look('training', step + 1);
}
const posterior = method.posterior(toArrays(state.parameters));
const scan = { image: image.slice(0, 32 ** 3), size: patch, patch, overlap: 0.25 };
for (let n = 0; n < predictions; n++) {
  const weights = drawWeights(net, posterior, n, key);
  await predictSample({ net, weights, foregroundLogit: 0 }, scan, async () => {});
  tf.dispose(Object.values(weights));
  look('prediction', n + 1);
}

function look(phase, done) {
  if (done % every > 0) return;
  globalThis.gc?.();
  const kilobytes = (name) =>
    1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))[1]);
  const { rss, heapTotal, heapUsed, arrayBuffers } = process.memoryUsage();
  const { numTensors, numBytes } = tf.memory();
  process.stdout.write(
    `${JSON.stringify({
      phase,
      done,
      residentBytes: rss,
      anonymousBytes: kilobytes('Anonymous'),
      heapBytes: heapTotal,
      heapUsedBytes: heapUsed,
      arrayBufferBytes: arrayBuffers,
      tensors: numTensors,
      tensorBytes: numBytes,
    })}\n`,
  );
}
