// The evidence of the arms in one small file each: docs/results/TARGET-arms.json, from the cells that `fewscan compare` wrote to docs/results/TARGET/;
// and the tables of all in resources/evidence.json, which app and model cards quote.
// Usage: node scripts/gather-arms.mjs
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { summariseComparison } from '../dist/main/jobs/summarise-comparison.js';

const root = join(import.meta.dirname, '..');
const results = join(root, 'docs/results');
const titles = {
  hippocampus: 'Hippocampus, T1 MR',
  'hippocampus-poorer': 'Hippocampus, MR of a poorer scanner (made from real scans)',
  mouse: 'Hippocampus of mice, MR',
  'glioma-flair': 'Whole tumour, FLAIR',
  'glioma-t1c': 'Whole tumour, T1 with contrast agent',
};
const targets = [];
for (const [target, title] of Object.entries(titles)) {
  const folder = join(results, target, 'cells');
  if (!existsSync(folder)) continue;
  const cells = readdirSync(folder).map((cell) => JSON.parse(readFileSync(join(folder, cell), 'utf8')));
  const { runs, ...tables } = summariseComparison(cells);
  const file = join(results, `${target}-arms.json`);
  writeFileSync(file, `${JSON.stringify({ version: 1, target, ...tables, runs: runs.map(slim) }, null, 1)}\n`);
  console.log(`${file}: ${runs.length} runs`);
  const testScans = new Set(runs.flatMap(({ cases }) => cases.map(({ name }) => name))).size;
  const prior = runs.find((run) => run.prior !== null)?.prior ?? null;
  targets.push({ title, testScans, budget: tables.budget, prior, dice: diceOf(tables.summary) });
}
writeFileSync(join(root, 'resources/evidence.json'), `${JSON.stringify({ version: 1, targets }, null, 1)}\n`);

/** Mean and interval, by arm and number of scans, to four digits. */
function diceOf(summary) {
  const rounded = (value) => Number(value.toFixed(4));
  const figures = ({ mean, low, high, draws }) => ({
    mean: rounded(mean),
    low: rounded(low),
    high: rounded(high),
    draws,
  });
  return Object.fromEntries(
    Object.entries(summary).map(([arm, counts]) => [
      arm,
      Object.fromEntries(Object.entries(counts).map(([scans, row]) => [scans, figures(row)])),
    ]),
  );
}

/** What a table is made of; everything else lies in the cells. */
function slim({ arm, scans, seed, budget, trainedOn, cases, summary, compute, appVersion, training }) {
  return {
    arm,
    scans,
    seed,
    budget,
    trainedOn,
    steps: training.steps,
    elapsedMs: training.elapsedMs,
    ece: summary.ece,
    nll: summary.nll,
    auroc: summary.auroc,
    intervalCoverage: summary.intervalCoverage,
    compute,
    appVersion,
    cases: cases.map(({ name, structures }) => ({ name, dice: structures.map(({ dice }) => dice) })),
  };
}
