// What the job `forecast` says beside what the job then takes: docs/results/bench-forecasts.json and .md.
// Usage: node bench/engine/forecasts.mjs HIPPOCAMPUS [PATTERN] (a folder with images/ and labels/; rows whose name matches), or --draw.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNifti } from '../../dist/main/imaging/nifti/encode.js';
import { randomArrays } from '../../dist/main/numerics/models/unet-weights.js';
import { posteriorToNamed } from '../../dist/main/numerics/posteriors/weight-posterior.js';
import { derive, normals, rootKey } from '../../dist/main/numerics/tensors/random.js';
import { openPorts } from '../../dist/main/storage/open-ports.js';

const [data, pattern = ''] = process.argv.slice(2);
const out = join(import.meta.dirname, '../../docs/results/bench-forecasts.json');
const goal = 0.25;
const steps = 30;
const grids = {
  crop: [40, 56, 40],
  '32^3': [32, 32, 32],
  '64^3': [64, 64, 64],
  '128^3': [128, 128, 128],
  head: [182, 218, 182],
};

/** Segmentations: network, volume, samples. */
const segmentations = [
  ...['short', 'full'].flatMap((network) =>
    ['crop', '64^3'].flatMap((scan) => [1, 4, 19].map((samples) => [network, scan, samples])),
  ),
  ...['short', 'full'].flatMap((network) => [1, 4].map((samples) => [network, '128^3', samples])),
  ['short', 'head', 1],
  ['short', 'head', 4],
  ['full', 'head', 1],
];
/** Adaptations: method, network, scans, batch, further settings. */
const adaptations = [
  ...[1, 2, 4].map((batch) => ['dwp', 'short', 'crop', batch]),
  ['dwp', 'short', 'crop', 2, { noise: 'activations' }],
  ['dwp', 'full', 'crop', 2],
  ['dwp', 'short', '32^3', 2],
  ['dwp', 'short', '64^3', 2],
  ['dwp', 'short', '128^3', 1],
  ['ri', 'short', 'crop', 2],
  ['ri', 'short', '32^3', 4],
  ['ri', 'full', '64^3', 1],
  ['l2sp', 'short', '64^3', 2],
  ['ensemble', 'short', 'crop', 2, { members: 2 }],
];

const result = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : { rows: {} };
if (data !== '--draw') await measure();
draw();

async function measure() {
  if (!existsSync(join(data ?? '', 'images')))
    throw new Error('name the folder of the hippocampus scans, with images/ and labels/');
  const folder = mkdtempSync(join(tmpdir(), 'fewscan-forecasts-'));
  const home = join(folder, 'home');
  try {
    const ports = openPorts(home);
    for (const [name, request] of [...(await segmentationRequests(ports, folder)), ...adaptationRequests(folder)]) {
      if (!new RegExp(pattern).test(name)) continue;
      const forecast = runAlone(home, { kind: 'forecast', of: request });
      const job = runAlone(home, request);
      result.rows[name] = {
        neededBytes: forecast.neededBytes,
        peakBytes: job.peakBytes,
        memoryRatio: forecast.neededBytes / job.peakBytes,
        expectedMs: forecast.expectedMs,
        elapsedMs: job.elapsedMs,
        timeRatio: forecast.expectedMs / job.elapsedMs,
        patch: forecast.patch,
        load: loadavg()[0],
      };
      result.machine = { cpu: cpus()[0].model, cores: cpus().length };
      writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
      process.stderr.write(`${name} ${JSON.stringify(result.rows[name])}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runAlone(home, request) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'forecasts-run.mjs'), home, JSON.stringify(request)],
    { encoding: 'utf8', env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } },
  );
  if (status !== 0) throw new Error(stderr.slice(-2000));
  return JSON.parse(stdout);
}

async function segmentationRequests(ports, folder) {
  const { record, weights } = await ports.models.load('hippocampus-demo');
  const plan = { ...record.plan, fieldOfViewMm: { low: [20, 20, 20], high: [400, 400, 400] } };
  const full = { ...record.architecture, size: 'full' };
  const drawn = randomArrays(full, rootKey(1));
  const deviation = new Float32Array(drawn.kernels.length).fill(-9);
  const named = {
    short: weights,
    full: posteriorToNamed(full, { kind: 'gaussian', mean: drawn, logVariance: deviation }),
  };
  const patches = { crop: record.plan.patchSize, cube: grids['64^3'] };
  for (const network of ['short', 'full'])
    for (const [kind, patchSize] of Object.entries(patches))
      await ports.models.publish({
        record: {
          ...record,
          name: `${network}-${kind}`,
          architecture: { ...record.architecture, size: network },
          plan: { ...plan, patchSize },
        },
        weights: named[network],
        card: '',
      });
  const scans = Object.fromEntries(
    Object.keys(grids).map((grid) => [grid, writeScan(join(folder, 'scans'), grid, 0).image]),
  );
  return segmentations.map(([network, scan, samples], n) => [
    `segment, ${network}, ${scan}, ${samples} samples`,
    {
      kind: 'segment',
      inputs: [scans[scan]],
      model: `${network}-${scan === 'crop' ? 'crop' : 'cube'}`,
      samples,
      out: join(folder, `result-${n}`),
    },
  ]);
}

function adaptationRequests(folder) {
  const sets = Object.fromEntries(
    ['crop', '32^3', '64^3', '128^3'].map((grid) => [grid, writeSet(join(folder, grid), grid)]),
  );
  return adaptations.map(([method, network, scans, batch, more = {}], n) => [
    `adapt, ${method}${more.noise ? ' per activation' : ''}, ${network}, ${scans}, batch ${batch}`,
    {
      kind: 'adapt',
      ...sets[scans],
      method,
      ...(method === 'ri' || method === 'ensemble' ? {} : { prior: 'hippocampus-synthetic' }),
      name: `adapted-${n}`,
      steps,
      settings: { size: network, batch, ...more },
    },
  ]);
}

/** Five labelled scans: real crops, or made ones of a size. */
function writeSet(folder, grid) {
  const set = { images: join(folder, 'images'), labels: join(folder, 'labels') };
  for (const path of Object.values(set)) mkdirSync(path, { recursive: true });
  if (grid === 'crop')
    for (const name of readdirSync(join(data, 'images')).sort().slice(0, 5))
      for (const part of ['images', 'labels']) symlinkSync(join(data, part, name), join(set[part], name));
  else for (let n = 0; n < 5; n++) writeScan(folder, grid, n);
  return set;
}

/** A ball, half of it one structure, half another, in noise. */
function writeScan(folder, grid, number) {
  const size = grids[grid];
  const [ni, nj, nk] = size;
  const noise = normals(derive(rootKey(number), grid), ni * nj * nk);
  const labels = Uint8Array.from(noise, (_, v) => {
    const [i, j, k] = [v % ni, Math.floor(v / ni) % nj, Math.floor(v / (ni * nj))];
    const isInside = Math.hypot(i - ni / 2, j - nj / 2, k - nk / 2) < 10 + number;
    return isInside ? (j < nj / 2 ? 1 : 2) : 0;
  });
  const image = Int16Array.from(noise, (value, v) => 100 + 20 * value + (labels[v] ? 100 : 0));
  const affineRasMm = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ];
  const paths = {};
  for (const [part, voxels] of Object.entries({ images: image, labels })) {
    mkdirSync(join(folder, part), { recursive: true });
    paths[part] = join(folder, part, `${grid.replace('^', '-')}-${number}.nii`);
    writeFileSync(paths[part], encodeNifti({ size, affineRasMm, voxels, components: 1, warnings: [] }));
  }
  return { image: paths.images, labels: paths.labels };
}

function draw() {
  const rows = Object.entries(result.rows);
  const within = (figure) => rows.filter(([, row]) => Math.abs(row[figure] - 1) <= goal).length;
  const mark = (ratio) => `${ratio.toFixed(2)}${Math.abs(ratio - 1) > goal ? ' *' : ''}`;
  const table = rows.map(
    ([name, row]) =>
      `| ${name} | ${(row.neededBytes / 1e9).toFixed(2)} | ${(row.peakBytes / 1e9).toFixed(2)} | ${mark(row.memoryRatio)} | ${(row.expectedMs / 1000).toFixed(1)} | ${(row.elapsedMs / 1000).toFixed(1)} | ${mark(row.timeRatio)} |`,
  );
  const head = '| work | forecast GB | peak GB | ratio | forecast s | took s | ratio |\n|---|---|---|---|---|---|---|';
  writeFileSync(
    out.replace(/json$/, 'md'),
    `Forecast beside what was then measured, each in a process of its own; adaptations of ${steps} steps on five scans. Within ${goal * 100} %: memory ${within('memoryRatio')}, time ${within('timeRatio')} of ${rows.length}; * marks the others. ${result.machine.cores} cores of ${result.machine.cpu}.\n\n${head}\n${table.join('\n')}\n`,
  );
}
