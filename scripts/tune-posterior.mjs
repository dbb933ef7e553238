// How wide a DWP model's posterior and a scan's border should be: judges a model with its deviations scaled, and with the border's
// deviation (logits) set, on development scans that it was not trained on. Writes docs/results/posterior-MODEL.json.
// Usage: node scripts/tune-posterior.mjs FOLDER MODEL [SCALE:DEVIATION,...]   FOLDER holds images/ and labels/; its first 40 names are for development
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chosenBackEnd, findBackEnds } from '../dist/main/compute/back-end.js';
import { machineOf } from '../dist/main/compute/machine.js';
import { spacingMm, voxelVolumeMl } from '../dist/main/imaging/geometry/grids.js';
import { emptyTally, evaluateCase } from '../dist/main/jobs/evaluate-case.js';
import { loadModel } from '../dist/main/jobs/load-model.js';
import { segmentScan } from '../dist/main/jobs/segment-scan.js';
import { summarise } from '../dist/main/jobs/summarise-evaluation.js';
import { labelsFrom, mapFiles, native } from '../dist/main/jobs/write-segmentation.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const [folder, modelName, list = '1:0,1:3,1:4,1:5,2.25:0,2.25:4'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const ports = { ...openPorts(), machine: machineOf(chosenBackEnd(await findBackEnds())) };
const model = await loadModel(ports, modelName, undefined);
const trainedOn = new Set(model.record.training.scans.map(({ imageSha256 }) => imageSha256));
const context = { signal: new AbortController().signal, report() {}, breathe: async () => {} };
const samples = 19;

const scans = [];
for (const name of readdirSync(join(folder, 'images')).sort().slice(0, 40)) {
  const image = await ports.scans.readVolume(join(folder, 'images', name));
  if (trainedOn.has(ports.scans.hashVolume(image))) continue;
  scans.push({ name, image, truth: await ports.scans.readVolume(join(folder, 'labels', name)) });
}

async function judge(scale, borderDeviation) {
  const factor = scale / model.record.training.settings.posteriorScale;
  const logVariance = model.posterior.logVariance.map((value) => value + 2 * Math.log(factor));
  const changed = {
    ...model,
    posterior: { ...model.posterior, logVariance },
    record: { ...model.record, borderDeviation },
  };
  const tally = emptyTally(model.record.structures);
  const cases = [];
  for (const { name, image, truth } of scans) {
    const result = await segmentScan(ports, context, {
      name,
      volumes: [image],
      model: changed,
      request: { samples, seed: 0 },
      title: name,
    });
    const probability = native(result, result.maps.probability, 'probabilities');
    const predicted = labelsFrom(probability, [0, ...model.record.structures.map(({ label }) => label)]);
    const maps = Object.fromEntries(
      Object.values(mapFiles).map((key) => [key, native(result, result.maps[key], 'map').voxels]),
    );
    const grid = { size: truth.size, spacingMm: spacingMm(truth) };
    const intervals = result.summaries.map(({ volumeMl }) => volumeMl);
    cases.push(
      evaluateCase(tally, {
        name,
        grid,
        truth: truth.voxels,
        predicted: predicted.voxels,
        voxelMl: voxelVolumeMl(truth),
        probability: probability.voxels,
        maps,
        intervals,
      }),
    );
  }
  const { meanDice, intervalCoverage, ece, ace, nll, auroc } = summarise(tally, cases);
  process.stderr.write(
    `scale ${scale}, border ${borderDeviation}: Dice ${meanDice.toFixed(4)}, interval holds ${intervalCoverage.toFixed(3)}, ECE ${ece.toFixed(4)}\n`,
  );
  return { scale, borderDeviation, meanDice, intervalCoverage, ece, ace, nll, auroc };
}

const rows = [];
for (const pair of list.split(',')) rows.push(await judge(...pair.split(':').map(Number)));
const { name, modelVersion, training } = model.record;
await ports.results.writeJson(join(root, `docs/results/posterior-${name}.json`), {
  version: 1,
  model: { name, modelVersion, steps: training.steps, seed: training.seed, trainedOn: training.scans },
  judgedOn: scans.map((scan) => scan.name.replace('.nii.gz', '')),
  samples,
  seed: 0,
  compute: ports.machine.compute,
  rows,
});
