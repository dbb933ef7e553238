// MONAI's U-Net and nnU-Net v2 on the same ten scans, for the same minutes, on the same machine as the product: docs/results/rivals.json and .md.
// Usage: node bench/rivals.mjs HIPPOCAMPUS [MINUTES [SEED [NAME ...]]], a folder with images/ and labels/; or --draw. What is there already stays.
// One after another, each with all cores: nothing else may run beside it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawScans, select } from '../dist/main/jobs/compare.js';
import { caseDice } from '../dist/main/jobs/summarise-comparison.js';
import { bootstrapDifference, bootstrapMean } from '../dist/main/numerics/metrics/bootstrap.js';
import { derive, rootKey } from '../dist/main/numerics/tensors/random.js';
import { openPorts } from '../dist/main/storage/open-ports.js';
import { install, root } from './venv.mjs';

const results = join(root, 'docs/results');
const file = join(results, 'rivals.json');
const scans = { count: 10, trainFrom: '41-140', testOn: '141-200' };
const threads = cpus().length;
const rivals = { 'MONAI U-Net': 'monai_unet.py', 'nnU-Net v2': 'nnunet.py' };
const own = ['dwp', 'ri'];

const [data, minutes = '8', seed = '0', ...names] = process.argv.slice(2);
async function runAll(minutes, seed, names) {
  if (!existsSync(join(data ?? '', 'images')))
    throw new Error('name the folder of the hippocampus scans, with images/ and labels/');
  for (const name of names) {
    const { runs } = known();
    if (runs.some((run) => run.name === name && run.minutes === minutes && run.seed === seed)) continue;
    const load = loadavg()[0];
    const run = own.includes(name) ? ourRun(name, minutes, seed) : await rivalRun(name, minutes, seed);
    const machine = { cpu: cpus()[0].model, cores: cpus().length, loadAtStart: load };
    writeFileSync(file, `${JSON.stringify({ runs: [...runs, { name, minutes, seed, machine, ...run }] }, null, 1)}\n`);
  }
}

const known = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { runs: [] });

/** An arm of the product, as a cell of its comparison. */
function ourRun(arm, minutes, seed) {
  const out = join(results, 'hippocampus');
  fewscan(
    ...['compare', '--images', join(data, 'images'), '--labels', join(data, 'labels'), '--out', out],
    ...['--prior', 'hippocampus-synthetic', '--methods', arm, '--scans', String(scans.count), '--seeds', String(seed)],
    ...['--minutes', String(minutes), '--train-from', scans.trainFrom, '--test-on', scans.testOn],
  );
  const cell = JSON.parse(
    readFileSync(join(out, 'cells', `${arm}-${scans.count}-scans-seed-${seed}-${minutes}-minutes.json`), 'utf8'),
  );
  const { steps, elapsedMs: trainMs } = cell.training;
  const hd95Mm = mean(cell.summary.structures.map((structure) => structure.hd95Mm));
  return {
    steps,
    trainMs,
    predictMs: cell.predictionMs,
    peakBytes: cell.peakMemoryBytes,
    dice: caseDice(cell),
    hd95Mm,
  };
}

/** A rival trains and predicts; the product judges what it wrote, as it judges itself. */
async function rivalRun(name, minutes, seed) {
  const python = install('rivals');
  const work = mkdtempSync(join(tmpdir(), 'fewscan-rivals-'));
  try {
    const places = { images: join(data, 'images'), labels: join(data, 'labels') };
    const { cases } = await openPorts(work).scans.readDataset(places);
    const training = drawScans(select(cases, scans.trainFrom), { scans: scans.count, seed });
    const test = select(cases, scans.testOn);
    const file = (folder, one) => join(places[folder], `${one.name}.nii.gz`);
    const out = join(work, 'predictions');
    mkdirSync(out);
    const task = {
      ...{ minutes, seed, threads, work, out, classes: 3, patch: [40, 56, 40] },
      images: training.map((one) => file('images', one)),
      labels: training.map((one) => file('labels', one)),
      testImages: test.map((one) => file('images', one)),
    };
    writeFileSync(join(work, 'task.json'), JSON.stringify(task));
    const said = run(python, [join(import.meta.dirname, 'rivals', rivals[name]), join(work, 'task.json')]);
    const figures = JSON.parse(said.trim().split('\n').at(-1));
    const judged = JSON.parse(fewscan('evaluate', '--predictions', out, '--labels', places.labels, '--json'));
    if (judged.cases.length !== test.length)
      throw new Error(`${judged.cases.length} of ${test.length} scans were judged`);
    return { ...figures, dice: caseDice(judged), hd95Mm: mean(judged.summary.structures.map((one) => one.hd95Mm)) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const fewscan = (...args) => run(process.execPath, [join(root, 'dist/cli/fewscan.js'), ...args]);

function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed\n${stderr.slice(-3000)}`);
  return stdout;
}

function mean(values) {
  const there = values.filter((value) => value !== null);
  return there.reduce((sum, value) => sum + value, 0) / there.length;
}

function draw() {
  const { runs } = known();
  const interval = ({ mean: middle, low, high }) => `${middle.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
  const lines = runs.map((one) => {
    const base = runs.find((other) => other.name === 'dwp' && other.minutes === one.minutes && other.seed === one.seed);
    const key = derive(rootKey(0), one.name, one.minutes, one.seed);
    const differences = base && one !== base ? [base.dice.map((dice, n) => dice - one.dice[n])] : undefined;
    const cells = [
      ...[own.includes(one.name) ? `Fewscan ${one.name.toUpperCase()}` : one.name, one.minutes, one.seed, one.steps],
      interval(bootstrapMean([one.dice], key)),
      one.hd95Mm.toFixed(2),
      differences ? interval(bootstrapDifference(differences, key)) : '',
      (one.predictMs / 1000 / one.dice.length).toFixed(1),
      (one.peakBytes / 1e9).toFixed(2),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  writeFileSync(
    file.replace(/json$/, 'md'),
    [
      `${scans.count} hippocampus scans of names ${scans.trainFrom}, tested on names ${scans.testOn}; every network has the same minutes of the same machine and all of its cores. RI, MONAI and nnU-Net begin anew, DWP at the shipped prior; it predicts with 19 samples.`,
      '',
      '| | minutes | draw | steps | mean Dice | HD95 mm | DWP above it | s a scan to predict | peak GB |',
      '|---|---|---|---|---|---|---|---|---|',
      ...lines,
      '',
    ].join('\n'),
  );
}

if (data !== '--draw')
  await runAll(Number(minutes), Number(seed), names.length > 0 ? names : [...own, ...Object.keys(rivals)]);
draw();
