// Fewscan's side of adaptation.mjs: the product's own adaptation, step by step.
// Usage: adaptation-fewscan.mjs DATA SETTINGS --dump OUT | adaptation-fewscan.mjs DATA SETTINGS
// Then for each line read: a number of steps to train, or `dice`.
import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import { chosenBackEnd, findBackEnds } from '../../dist/main/compute/back-end.js';
import { machineOf } from '../../dist/main/compute/machine.js';
import { drawScans, select } from '../../dist/main/jobs/compare.js';
import { exampleBatches } from '../../dist/main/jobs/example-batches.js';
import { networkFigures } from '../../dist/main/jobs/network-figures.js';
import { predictionInput } from '../../dist/main/jobs/prediction-input.js';
import { prepareTraining } from '../../dist/main/jobs/prepare-training.js';
import { sidesOf } from '../../dist/main/jobs/training-batches.js';
import { recipeSchema } from '../../dist/main/jobs/training-recipe.js';
import { unetLayers } from '../../dist/main/numerics/models/unet-layers.js';
import { sliceRanges } from '../../dist/main/numerics/models/unet-weights.js';
import { posteriorMean } from '../../dist/main/numerics/posteriors/posterior-mean.js';
import { groupRanges } from '../../dist/main/numerics/priors/kernel-groups.js';
import { priorGroups } from '../../dist/main/numerics/priors/stored-prior.js';
import { fused } from '../../dist/main/numerics/tensors/fused/fused-functions.js';
import { extractPatch } from '../../dist/main/numerics/tensors/patches.js';
import { derive, rootKey, uniforms } from '../../dist/main/numerics/tensors/random.js';
import { toArrays } from '../../dist/main/numerics/tensors/tensor-record.js';
import { trainingMethod } from '../../dist/main/numerics/training/methods.js';
import { cosineShare } from '../../dist/main/numerics/training/schedules.js';
import { startTraining, trainingStep } from '../../dist/main/numerics/training/training.js';
import { openPorts } from '../../dist/main/storage/open-ports.js';
import { writeArrays } from './work-files.mjs';

const [data, settings, option, out] = process.argv.slice(2);
const { steps, trainFrom, judgeOn, scans, seed } = JSON.parse(settings);
const compute = chosenBackEnd(await findBackEnds());
const ports = { ...openPorts(tmpdir()), machine: machineOf(compute) };
const context = { signal: new AbortController().signal, report: () => {}, breathe: async () => {} };
const recipe = recipeSchema.parse({ diceWeight: 0.99 }); // as both peers have it
const dataset = await ports.scans.readDataset({ images: join(data, 'images'), labels: join(data, 'labels') });
const training = drawScans(select(dataset.cases, trainFrom), { scans, seed });
const heldOut = select(dataset.cases, judgeOn);
const prepared = await prepareTraining(ports, context, { dataset, training, heldOut }, recipe);
const { net, plan } = prepared;
const patch = sidesOf(plan);
const prior = await ports.priors.load('hippocampus-synthetic');
const key = derive(rootKey(seed), 'adapt');
const observedVoxels = training.length * patch[0] * patch[1] * patch[2];
const method = trainingMethod('dwp', {
  net,
  prior: prior.weights,
  settings: recipe,
  observedVoxels,
  key: derive(key, 'method'),
});
const batches = exampleBatches({
  ...recipe,
  caseCount: training.length,
  caseAt: async (number) => prepared.training[number],
  channels: net.inputChannels,
  classes: net.classes,
  patch,
  key: derive(key, 'batches'),
});
const stepKey = (step) => derive(derive(key, 'training'), 'step', step);
let state = startTraining(method.start());

if (option === '--dump') await dump();
else await serve();

/** Trains and judges as it is told. */
async function serve() {
  const say = (answer) =>
    process.stdout.write(`${JSON.stringify({ ...answer, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'dice') {
      const ms = performance.now();
      const dice = await judge();
      say({ dice, ms: performance.now() - ms });
    } else say(await train(Number(line)));
  }
}

async function train(count) {
  let [batchMs, stepMs] = [0, 0];
  const before = process.cpuUsage();
  for (let n = 0; n < count; n++) {
    const beginMs = performance.now();
    const batch = await batches(state.step);
    const madeMs = performance.now();
    const rate = recipe.rate * cosineShare(state.step / steps);
    state = trainingStep(method.objective, state, batch, { rate, key: stepKey(state.step) }).state;
    for (const example of batch) tf.dispose(Object.values(example));
    batchMs += madeMs - beginMs;
    stepMs += performance.now() - madeMs;
  }
  const { user, system } = process.cpuUsage(before);
  return { batchMs, stepMs, cpuMs: (user + system) / 1000 };
}

async function judge() {
  const weights = posteriorMean(net, method.posterior(toArrays(state.parameters)));
  const { dice } = await networkFigures(net, weights, prepared.heldOut, { plan, breathe: async () => {} });
  tf.dispose(Object.values(weights));
  return dice;
}

/** All that the peer starts from, and what our step 1 makes of it. */
async function dump() {
  const groups = priorGroups(net, prior.weights);
  const decoders = groups.prior.groups.flatMap(({ decoder }, n) =>
    Object.entries(toArrays(decoder)).map(([name, array]) => [`group-${n + 1}/${name}`, array]),
  );
  const { points, ...rest } = toArrays(state.parameters);
  writeArrays(join(out, 'start'), { points, ...rest, ...Object.fromEntries(decoders) });
  writeArrays(join(out, 'noise'), stepNoise(groups.prior.groups));
  const first = await batches(0);
  const { gradients, info } = method.objective.gradient(state.parameters, first, stepKey(0));
  writeArrays(join(out, 'gradient'), toArrays(gradients));
  const judged = prepared.heldOut.map(({ image, labels, size }, n) => {
    const input = predictionInput({ image, size }, plan);
    if (input.patch.some((side, axis) => side < size[axis])) throw new Error('a judged scan is not run whole');
    return [
      [`${n}/image`, { shape: input.patch, data: extractPatch(image, size, [0, 0, 0], input.patch, 1) }],
      [`${n}/labels`, { shape: size, data: Float32Array.from(labels) }],
    ];
  });
  writeArrays(join(out, 'judged'), Object.fromEntries(judged.flat()));
  for (let step = 0; step < steps; step++)
    for (const { image, truth } of await batches(step)) {
      appendFileSync(join(out, 'images.f32'), new Uint8Array(image.dataSync().buffer.slice(0)));
      appendFileSync(join(out, 'labels.u8'), Uint8Array.from(tf.tidy(() => truth.argMax(-1).dataSync())));
      tf.dispose([image, truth]);
    }
  const plain = {
    patch,
    steps,
    batch: recipe.batch,
    classes: net.classes,
    rate: recipe.rate,
    klWeight: recipe.beta / observedVoxels,
    slicesPerStep: recipe.slicesPerStep,
    cubes: sliceRanges(net).map(({ layer, from, to }) => ({ ...layer, from, to })),
    points: unetLayers(net).filter(({ kernelSize }) => kernelSize === 1),
    groups: groupRanges(net),
    judged: judged.length,
    trainedOn: training.map(({ name }) => name),
    judgedOn: heldOut.map(({ name }) => name),
    info,
  };
  writeFileSync(join(out, 'plan.json'), JSON.stringify(plain));
}

/** What step 1 draws: the noise of the weights, and of each group the slices, weights and codes of its bound. */
function stepNoise(groups) {
  const draws = derive(stepKey(0), 'prior');
  const slices = groups.at(-1).to;
  const of = (key, shape) => toArrays({ noise: fused().gaussianNoise(key, shape) }).noise;
  const noise = { weights: of(derive(derive(stepKey(0), 'noise'), 'pair', 0), [27, slices]) };
  for (const [n, { from, to }] of groups.entries()) {
    const stream = derive(draws, 'group', n);
    const count = Math.min(to - from, Math.ceil((recipe.slicesPerStep * (to - from)) / slices));
    const index = Float32Array.from(
      uniforms(derive(stream, 'slices'), count),
      (u) => from + Math.floor(u * (to - from)),
    );
    noise[`group-${n + 1}/slices`] = { shape: [count], data: index };
    noise[`group-${n + 1}/weights`] = of(derive(stream, 'weights'), [count, 27]);
    noise[`group-${n + 1}/latent`] = of(derive(stream, 'latent'), [count, 6]);
  }
  return noise;
}
