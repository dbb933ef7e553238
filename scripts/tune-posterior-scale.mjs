// How wide the posterior of a DWP model should be: judges hippocampus-demo with its deviations scaled, on development scans that it
// was not made from, and writes docs/results/posterior-scale.json.
// Usage: node scripts/tune-posterior-scale.mjs FOLDER [SCALE,SCALE,...]   FOLDER holds images/ and labels/; its first 40 names are for development
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

const [folder, list = '1,1.5,2,2.25,2.5,3'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const ports = { ...openPorts(), machine: machineOf(chosenBackEnd(await findBackEnds())) };
const model = await loadModel(ports, 'hippocampus-demo', undefined);
const trainedOn = new Set(readdirSync(join(root, 'resources/demo/labelsTr')));
const names = readdirSync(join(folder, 'images'))
  .sort()
  .slice(0, 40)
  .filter((name) => !trainedOn.has(name));
const context = { signal: new AbortController().signal, report() {}, breathe: async () => {} };
const samples = 19;

async function judge(scale) {
  const factor = scale / model.record.training.settings.posteriorScale;
  const logVariance = model.posterior.logVariance.map((value) => value + 2 * Math.log(factor));
  const tally = emptyTally(model.record.structures);
  const cases = [];
  for (const name of names) {
    const image = await ports.scans.readVolume(join(folder, 'images', name));
    const truth = await ports.scans.readVolume(join(folder, 'labels', name));
    const scaled = { ...model, posterior: { ...model.posterior, logVariance } };
    const result = await segmentScan(ports, context, {
      name,
      volumes: [image],
      model: scaled,
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
    `scale ${scale}: Dice ${meanDice.toFixed(4)}, interval holds ${intervalCoverage.toFixed(3)}, ECE ${ece.toFixed(4)}\n`,
  );
  return { scale, meanDice, intervalCoverage, ece, ace, nll, auroc };
}

const rows = [];
for (const scale of list.split(',').map(Number)) rows.push(await judge(scale));
const { name, modelVersion } = model.record;
await ports.results.writeJson(join(root, 'docs/results/posterior-scale.json'), {
  version: 1,
  model: { name, modelVersion },
  scans: names.length,
  samples,
  seed: 0,
  compute: ports.machine.compute,
  rows,
});
