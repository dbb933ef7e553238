// Fewscan's own engine as one of the peers. Usage: fewscan-peer.mjs WORK DATA [--check | --profile]; WORK may be samples-N.
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import { chosenBackEnd, findBackEnds } from '../../dist/main/compute/back-end.js';
import { predictPosterior } from '../../dist/main/numerics/inference/posterior-prediction.js';
import { isBayesian, sliceCount, unetLayers } from '../../dist/main/numerics/models/unet-layers.js';
import { arraysOfNamed, filtersOf, sliceRanges } from '../../dist/main/numerics/models/unet-weights.js';
import { convolveWith, unetLogits } from '../../dist/main/numerics/models/unet3d.js';
import { rootKey } from '../../dist/main/numerics/tensors/random.js';
import { batchGradient } from '../../dist/main/numerics/training/batch-gradient.js';
import { localReparameterisationGradient } from '../../dist/main/numerics/training/local-reparameterisation.js';
import { readWork } from './work-files.mjs';

const [work, data, option] = process.argv.slice(2);
const compute = chosenBackEnd(await findBackEnds());
const { net, named, image, truth } = readWork(data);
const arrays = arraysOfNamed(net, named);
const kernels = tf.tensor2d(arrays.kernels, [27, arrays.kernels.length / 27]);
const points = tf.tensor1d(arrays.points);
const logVariance = tf.fill(kernels.shape, -6);
const examples = image.map((values, n) => ({
  image: tf.tensor5d(values.data, values.shape),
  truth: tf.tensor5d(truth[n].data, truth[n].shape),
}));

const steps = {
  training() {
    const gradient = batchGradient(net, { kernels, points }, examples);
    gradient.loss.dataSync();
    return gradient;
  },
  local() {
    const gradient = localReparameterisationGradient(net, { kernels, logVariance, points }, examples, {
      key: rootKey(3),
    });
    gradient.loss.dataSync();
    return gradient;
  },
  inference() {
    const probability = tf.tidy(() =>
      tf.softmax(unetLogits(net, convolveWith(filtersOf(net, { kernels, points })), examples[0].image)),
    );
    probability.dataSync();
    return probability;
  },
};
const [, samples] = /^samples-(\d+)$/.exec(work) ?? [];
const step = samples ? () => predict(Number(samples)) : () => tf.dispose(steps[work]());

if (option === '--check') {
  const { loss, kernels: kernelGradient, points: pointGradient } = steps.training();
  const gradientNorms = {};
  for (const { layer, from, to } of sliceRanges(net))
    gradientNorms[layer.name] = kernelGradient
      .slice([0, from], [27, to - from])
      .norm()
      .dataSync()[0];
  let place = 0;
  for (const layer of unetLayers(net).filter((one) => !isBayesian(one))) {
    gradientNorms[layer.name] = pointGradient.slice(place, sliceCount(layer)).norm().dataSync()[0];
    place += sliceCount(layer);
  }
  process.stdout.write(`${JSON.stringify({ loss: loss.dataSync()[0], gradientNorms })}\n`);
} else if (option === '--profile') {
  process.stdout.write(`${JSON.stringify(profile(5))}\n`);
} else {
  await step();
  process.stdout.write(`ready ${JSON.stringify(compute)}\n`);
  for await (const _ of createInterface({ input: process.stdin })) {
    const startedMs = performance.now();
    await step();
    const ms = performance.now() - startedMs;
    process.stdout.write(`${JSON.stringify({ ms, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
  }
}

/** A scan of one patch under whole weight sets, summed into maps. */
async function predict(samples) {
  const { data, shape } = image[0];
  const sides = shape.slice(1, 4);
  const posterior = { kind: 'gaussian', mean: arrays, logVariance: new Float32Array(arrays.kernels.length).fill(-9) };
  const key = rootKey(3);
  await predictPosterior(
    { net, posterior, samples, borderDeviation: 0, key, breathe: async () => {} },
    { image: data, size: sides, patch: sides, overlap: 0.25 },
  );
}

/** Milliseconds a step spends within each TensorFlow op, and in all. */
function profile(repeats) {
  step();
  step();
  const ops = {};
  const backend = tf.engine().backend;
  for (const method of ['executeSingleOutput', 'executeMultipleOutputs']) {
    const execute = backend[method].bind(backend);
    backend[method] = (name, ...rest) => {
      const startedMs = performance.now();
      const result = execute(name, ...rest);
      ops[name] ??= { ms: 0, calls: 0 };
      ops[name].ms += (performance.now() - startedMs) / repeats;
      ops[name].calls += 1 / repeats;
      return result;
    };
  }
  const startedMs = performance.now();
  for (let n = 0; n < repeats; n++) step();
  const totalMs = (performance.now() - startedMs) / repeats;
  const sorted = Object.entries(ops).sort(([, a], [, b]) => b.ms - a.ms);
  return { totalMs, ops: Object.fromEntries(sorted) };
}
