// How wide a model's posterior and a scan's border should be, and how its logits are to be read: judges a model with its deviations scaled, the border's
// deviation (logits) and the temperature set, on development scans that it was not trained on. Writes docs/results/posterior-MODEL.json, or OUT there.
// Usage: node scripts/tune-posterior.mjs FOLDER MODEL [SCALE:DEVIATION[:TEMPERATURE],... [OUT]]   FOLDER holds images/ and labels/; its first 40 names are for development
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scansThatTrained } from '../dist/contract/model.js';
import { chosenBackEnd, findBackEnds } from '../dist/main/compute/back-end.js';
import { machineOf } from '../dist/main/compute/machine.js';
import { emptyTally, evaluateCase } from '../dist/main/jobs/evaluate-case.js';
import { readCase } from '../dist/main/jobs/labelled-cases.js';
import { loadModel } from '../dist/main/jobs/load-model.js';
import { predictCase } from '../dist/main/jobs/predict-case.js';
import { summarise } from '../dist/main/jobs/summarise-evaluation.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const [folder, modelName, list = '1:0,1:1,1:2,1:3,1:4', out = `posterior-${modelName}`] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const ports = { ...openPorts(), machine: machineOf(chosenBackEnd(await findBackEnds())) };
const { record, net, posterior } = await loadModel(ports, modelName, undefined);
const trainedOn = new Set(scansThatTrained(record).map(({ imageSha256 }) => imageSha256));
const context = { signal: new AbortController().signal, report() {}, breathe: async () => {} };
const samples = 19;

const { cases } = await ports.scans.readDataset({ images: join(folder, 'images'), labels: join(folder, 'labels') });
const scans = [];
for (const one of cases.slice(0, 40)) {
  const raw = await readCase(ports, one);
  if (!trainedOn.has(ports.scans.hashVolume(raw.channels[0]))) scans.push(raw);
}

async function judge(scale, borderDeviation, temperature = record.temperature) {
  const factor = scale / record.training.settings.posteriorScale;
  const logVariance = posterior.logVariance?.map((value) => value + 2 * Math.log(factor)); // a point estimate has none
  const { structures, plan } = record;
  const scaled = { ...posterior, ...(logVariance && { logVariance }) };
  const changed = { net, plan, posterior: scaled, borderDeviation, temperature, structures, samples };
  const tally = emptyTally(structures);
  const results = [];
  for (const raw of scans)
    results.push(evaluateCase(tally, await predictCase(ports, context, { ...changed, raw, title: raw.name })));
  const { meanDice, intervalCoverage, coverage, ece, ace, nll, auroc } = summarise(tally, results);
  const row = { scale, borderDeviation, temperature, meanDice, intervalCoverage, coverage, ece, ace, nll, auroc };
  process.stderr.write(`${JSON.stringify(row)}\n`);
  return row;
}

const rows = [];
for (const pair of list.split(',')) rows.push(await judge(...pair.split(':').map(Number)));
const { name, modelVersion, training } = record;
await ports.results.writeJson(join(root, `docs/results/${out}.json`), {
  version: 1,
  model: {
    name,
    modelVersion,
    diceWeight: training.settings.diceWeight,
    steps: training.steps,
    seed: training.seed,
    trainedOn: training.scans,
  },
  judgedOn: scans.map((scan) => scan.name),
  samples,
  seed: 0,
  compute: ports.machine.compute,
  rows,
});
