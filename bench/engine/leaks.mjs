// Resident memory of one process over thousands of training steps and predictions: docs/results/bench-leaks.json and .svg.
// Argument: one of the runs below (all when absent); the others' results stay. FEWSCAN_BENCH_SHARE=0.01 tries it out.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as Plot from '@observablehq/plot';
import { savePlot } from './save-plot.mjs';

const every = 50;
const warmUp = 200;
const share = Number(process.env.FEWSCAN_BENCH_SHARE ?? 1);
/** The long one is the figure; the short ones tell what its growth is made of. */
const runs = {
  long: { steps: 5000, predictions: 1000 },
  'as it is': { steps: 1000, predictions: 0 },
  'garbage collected at each look': { steps: 1000, predictions: 0, node: ['--expose-gc'] },
  'one malloc arena': { steps: 1000, predictions: 0, environment: { MALLOC_ARENA_MAX: '1' } },
  'one arena, freed memory returned, garbage collected': {
    steps: 1000,
    predictions: 0,
    node: ['--expose-gc'],
    environment: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' },
  },
};
const out = join(import.meta.dirname, '../../docs/results/bench-leaks.json');

const result = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : { runs: {} };
for (const name of process.argv[2] ? [process.argv[2]] : Object.keys(runs)) {
  result.runs[name] = summary(await look(runs[name]));
  result.machine = { cpu: cpus()[0].model, cores: cpus().length };
  result.settings = { method: 'dwp', network: 'short', patch: [32, 32, 32], batch: 1, every, warmUp };
  writeFileSync(out, `${JSON.stringify(result)}\n`);
  const { rows: _, ...figures } = result.runs[name];
  process.stdout.write(`${name} ${JSON.stringify(figures, null, 1)}\n`);
}
draw();

async function look({ steps, predictions, node = [], environment = {} }) {
  const script = join(import.meta.dirname, 'leaks-run.mjs');
  const counts = [steps, predictions].map((count) => Math.round(count * share));
  const child = spawn(process.execPath, [...node, script, ...counts, every].map(String), {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...environment },
  });
  const rows = [];
  for await (const line of createInterface({ input: child.stdout })) rows.push(JSON.parse(line));
  if (rows.length === 0) throw new Error('the process ended before its first look');
  return rows;
}

/** After the warm-up: how far memory strays from its median, and what a thousand steps add (least squares). */
function summary(rows) {
  const figures = {};
  for (const phase of new Set(rows.map((row) => row.phase))) {
    const warm = rows.filter((row) => row.phase === phase && (phase !== 'training' || row.done > warmUp));
    if (warm.length < 2) continue;
    const resident = warm.map((row) => row.residentBytes);
    const median = [...resident].sort((a, b) => a - b)[resident.length >> 1];
    figures[phase] = {
      medianBytes: median,
      leastShare: Math.min(...resident) / median,
      mostShare: Math.max(...resident) / median,
      growthPerThousand: Object.fromEntries(
        [
          'residentBytes',
          'anonymousBytes',
          'heapBytes',
          'heapUsedBytes',
          'arrayBufferBytes',
          'tensorBytes',
          'tensors',
        ].map((name) => [name, 1000 * slope(warm.map((row) => [row.done, row[name]]))]),
      ),
    };
  }
  return { ...figures, rows };
}

function slope(points) {
  const mean = (n) => points.reduce((sum, point) => sum + point[n], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return covariance / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function draw() {
  const points = Object.entries(result.runs).flatMap(([run, { rows }]) => {
    const trained = Math.max(...rows.filter((row) => row.phase === 'training').map((row) => row.done));
    return rows.map(({ phase, done, residentBytes }) => ({
      run,
      done: phase === 'training' ? done : trained + done,
      megabytes: residentBytes / 1e6,
    }));
  });
  savePlot(out.replace(/json$/, 'svg'), {
    width: 760,
    height: 420,
    marginLeft: 60,
    x: { label: 'training steps, then predictions' },
    y: { label: 'resident MB', grid: true, zero: true },
    color: { legend: false, scheme: 'observable10', domain: Object.keys(result.runs) },
    marks: [
      Plot.lineY(points, { x: 'done', y: 'megabytes', stroke: 'run' }),
      Plot.text(
        points,
        Plot.selectLast({ x: 'done', y: 'megabytes', z: 'run', text: 'run', fill: 'run', dy: -8, textAnchor: 'end' }),
      ),
    ],
  });
}
