// Settings tried on development scans, as one table: docs/results/ablation.md, from the cells of `fewscan compare --out docs/results/ablation/WHAT`.
// Each cell is set beside the same arm and number of scans in a folder called reference or ...-reference: paired differences of Dice over the judged scans, 95 % bootstrap interval.
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
const reference = whats.filter(isReference).flatMap(cellsOf);
const first = reference[0];
const shown = (value, digits) => (value === null || value === undefined ? '' : value.toFixed(digits));

const rows = whats.flatMap((what) =>
  cellsOf(what).map((cell) => {
    const { arm, scans, summary, training } = cell;
    const own = reference.find((one) => one.arm === arm && one.scans === scans);
    const difference = !isReference(what) && own ? against(what, cell, own) : '';
    return [
      what,
      arm,
      scans,
      cell.settings.beta,
      shown(summary.meanDice, 4),
      difference,
      shown(summary.ece, 4),
      shown(summary.nll, 3),
      shown(summary.auroc.predictiveEntropy, 3),
      shown(summary.intervalCoverage, 2),
      shown(training.elapsedMs / 60_000, 1),
    ];
  }),
);

const head = [
  'what',
  'arm',
  'scans',
  'beta',
  'Dice',
  'minus the reference',
  'ECE',
  'NLL',
  'AUROC',
  '90 % interval holds',
  'training, min',
];
writeFileSync(
  `${folder}.md`,
  `${[
    '# Settings tried on development scans',
    '',
    `Scans of names 1 to 20 (draw ${first.seed}), ${first.budget.steps} steps, judged on ${first.cases.length} scans of names 21 to 40. Differences are paired over the judged scans, with 95 % bootstrap intervals.`,
    'Settings of each cell, and of the references, lie in the cells: `reference` had a temperature of 1, the others 2 (which moves ECE and NLL alone); `two-scans-reference` is without the KL. One draw: a difference says what these scans do, not what others would.',
    '',
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')}\n`,
);

function against(what, cell, own) {
  const differences = caseDice(cell).map((dice, n) => dice - caseDice(own)[n]);
  const { mean, low, high } = bootstrapDifference([differences], derive(rootKey(0), what, cell.arm));
  const signed = (value) => `${value >= 0 ? '+' : ''}${value.toFixed(4)}`;
  return `${signed(mean)} (${signed(low)} to ${signed(high)})`;
}
