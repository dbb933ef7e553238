// Settings tried on development scans, as one table: docs/results/ablation.md, from the cells of `fewscan compare --out docs/results/ablation/WHAT`.
// Each cell is set beside the same arm, number of scans and draw in a folder called reference or ...-reference, of the same learning rate, or of a smaller one where there is none:
// paired differences of Dice over draws and judged scans, 95 % bootstrap interval.
// Usage: node scripts/draw-ablation.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseDice } from '../dist/main/jobs/summarise-comparison.js';
import { bootstrapDifference } from '../dist/main/numerics/metrics/bootstrap.js';
import { derive, rootKey } from '../dist/main/numerics/tensors/random.js';

const folder = join(import.meta.dirname, '../docs/results/ablation');
const isReference = (name) => name.endsWith('reference');
const whats = readdirSync(folder).sort((a, b) => Number(isReference(b)) - Number(isReference(a)));
const cellsOf = (what) =>
  readdirSync(join(folder, what, 'cells')).map((file) =>
    JSON.parse(readFileSync(join(folder, what, 'cells', file), 'utf8')),
  );
const references = whats.filter(isReference).map((what) => ({ what, cells: cellsOf(what) }));
const first = references[0].cells[0];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const shown = (values, digits) => (values.some((value) => value == null) ? '' : mean(values).toFixed(digits));

const rows = whats.flatMap((what) =>
  drawsOf(cellsOf(what)).map((draws) => {
    const [{ arm, scans, settings }] = draws;
    const over = (figure, digits) => shown(draws.map(figure), digits);
    return [
      what,
      arm,
      scans,
      draws.map(({ seed }) => seed).join(', '),
      settings.beta,
      over(({ summary }) => summary.meanDice, 4),
      against(what, draws),
      over(({ summary }) => summary.ece, 4),
      over(({ summary }) => summary.nll, 3),
      over(({ summary }) => summary.auroc.predictiveEntropy, 3),
      over(({ summary }) => summary.intervalCoverage, 2),
      over(({ training }) => training.elapsedMs / 60_000, 1),
    ];
  }),
);

const head = [
  ...['what', 'arm', 'scans', 'draws', 'beta', 'Dice', 'minus the reference'],
  ...['ECE', 'NLL', 'AUROC', '90 % interval holds', 'training, min'],
];
writeFileSync(
  `${folder}.md`,
  `${[
    '# Settings tried on development scans',
    '',
    `Scans of names 1 to 20, ${first.budget.steps} steps, judged on ${first.cases.length} scans of names 21 to 40. Differences are paired over draws and judged scans, with 95 % bootstrap intervals, to the reference of the same learning rate, or of a smaller one where there is none.`,
    'Settings of each cell, and of the references, lie in the cells: `reference` had a temperature of 1, the others 2 (which moves ECE and NLL alone); `two-scans-reference` is without the KL. A draw or two: a difference says what these scans do, not what others would.',
    '',
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')}\n`,
);

/** Cells of the same arm and number of scans together. */
function drawsOf(cells) {
  const keyOf = ({ arm, scans }) => `${arm} ${scans}`;
  return [...new Set(cells.map(keyOf))].map((key) => cells.filter((cell) => keyOf(cell) === key));
}

function against(what, draws) {
  const others = references.filter((one) => one.what !== what).flatMap(({ cells }) => cells);
  const pairs = draws.flatMap((cell) => {
    const { rate } = cell.settings;
    const same = others.filter(
      ({ arm, scans, seed }) => arm === cell.arm && scans === cell.scans && seed === cell.seed,
    );
    const own =
      same.find(({ settings }) => settings.rate === rate) ?? same.find(({ settings }) => settings.rate < rate);
    return own ? [caseDice(cell).map((dice, n) => dice - caseDice(own)[n])] : [];
  });
  if (pairs.length === 0) return '';
  const { mean: difference, low, high } = bootstrapDifference(pairs, derive(rootKey(0), what, draws[0].arm));
  const signed = (value) => `${value >= 0 ? '+' : ''}${value.toFixed(4)}`;
  return `${signed(difference)} (${signed(low)} to ${signed(high)})`;
}
