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
  'as it is': { steps: 600, predictions: 0 },
  /** Collected at each look; malloc has one arena and returns what is freed. */
  'garbage collected, one arena': {
    steps: 600,
    predictions: 0,
    node: ['--expose-gc'],
    environment: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' },
  },
};
const out = join(import.meta.dirname, '../../docs/results/bench-leaks.json');

const settings = { method: 'dwp', network: 'short', patch: [32, 32, 32], batch: 1, every, warmUp };

const [only] = process.argv.slice(2);
if (only === '--draw') keep({});
else for (const name of only ? [only] : Object.keys(runs)) keep({ [name]: { rows: await look(runs[name]) } });
draw();

/** Adds runs to those that are there, and sums all of them up. */
function keep(more) {
  const old = existsSync(out) ? JSON.parse(readFileSync(out, 'utf8')) : {};
  const all = Object.entries({ ...old.runs, ...more });
  const machine = { cpu: cpus()[0].model, cores: cpus().length };
  const summed = Object.fromEntries(all.map(([name, { rows }]) => [name, { ...summary(rows), rows }]));
  writeFileSync(out, `${JSON.stringify({ machine, settings, runs: summed })}\n`);
  for (const name of Object.keys(more)) {
    const { rows: _, ...figures } = summed[name];
    process.stdout.write(`${name} ${JSON.stringify(figures, null, 1)}\n`);
  }
}

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

/**
 * After the warm-up: how far memory strays from its median, and what a thousand steps add (least squares). Anonymous memory is
 * what the process has written; the kernel may drop pages of libraries from the rest.
 */
function summary(rows) {
  const figures = {};
  for (const phase of new Set(rows.map((row) => row.phase))) {
    const warm = rows.filter((row) => row.phase === phase && (phase !== 'training' || row.done > warmUp));
    if (warm.length < 2) continue;
    const names = Object.keys(warm[0]).filter((name) => name !== 'phase' && name !== 'done');
    figures[phase] = Object.fromEntries(
      names.map((name) => {
        const values = warm.map((row) => row[name]).sort((a, b) => a - b);
        const median = values[values.length >> 1];
        const perThousand = 1000 * slope(warm.map((row) => [row.done, row[name]]));
        return [name, { median, leastShare: values[0] / median, mostShare: values.at(-1) / median, perThousand }];
      }),
    );
  }
  return figures;
}

function slope(points) {
  const mean = (n) => points.reduce((sum, point) => sum + point[n], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return covariance / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function draw() {
  const result = JSON.parse(readFileSync(out, 'utf8'));
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
    marginRight: 40,
    x: { label: 'training steps, then predictions' },
    y: { label: 'resident MB', grid: true, zero: true },
    color: { legend: false, scheme: 'observable10', domain: Object.keys(result.runs) },
    marks: [
      Plot.lineY(points, { x: 'done', y: 'megabytes', stroke: 'run' }),
      Plot.text(
        points,
        Plot.selectLast({ x: 'done', y: 'megabytes', z: 'run', text: 'run', fill: 'run', dx: 6, textAnchor: 'start' }),
      ),
    ],
  });
}
