// How the 90 % volume intervals of DWP miss: docs/results/hippocampus-intervals.md, from the cells of `fewscan compare`.
// Usage: node scripts/judge-intervals.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const results = join(import.meta.dirname, '../docs/results');
const cells = readdirSync(join(results, 'hippocampus/cells'))
  .filter((name) => name.startsWith('dwp-') && !name.startsWith('dwp-from'))
  .map((name) => JSON.parse(readFileSync(join(results, 'hippocampus/cells', name), 'utf8')));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (value) => (100 * value).toFixed(1);

const counts = [...new Set(cells.map(({ scans }) => scans))].sort((a, b) => a - b);
const rows = counts.map((scans) => {
  const draws = cells.filter((cell) => cell.scans === scans);
  const structures = draws.flatMap(({ cases }) => cases.flatMap((one) => one.structures));
  const judged = structures.map(({ sampleVolumesMl, trueVolumeMl, intervalHoldsTruth }) => {
    const sorted = sampleVolumesMl.toSorted((a, b) => a - b);
    const [low, high] = [sorted[0], sorted.at(-1)];
    const middle = sorted[(sorted.length - 1) / 2];
    return {
      width: (high - low) / trueVolumeMl,
      error: middle / trueVolumeMl - 1,
      above: !intervalHoldsTruth && trueVolumeMl > high,
      below: !intervalHoldsTruth && trueVolumeMl < low,
    };
  });
  const held = draws.map(({ summary }) => summary.intervalCoverage);
  const share = (name) => percent(mean(judged.map((one) => Number(one[name]))));
  return `| ${[
    scans,
    draws.length,
    `${percent(mean(held))} (${percent(Math.min(...held))} to ${percent(Math.max(...held))})`,
    share('above'),
    share('below'),
    percent(mean(judged.map(({ width }) => width))),
    percent(mean(judged.map(({ error }) => error))),
  ].join(' | ')} |`;
});
const text = [
  '# How volume intervals miss',
  '',
  'DWP, version 4 of the protocol, intervals of 90 % (the least and the greatest of 19 sampled volumes), in %. `node scripts/judge-intervals.mjs`',
  '',
  '| scans | draws | hold the truth (least and most of a draw) | truth above | truth below | width over true volume | error of the median |',
  '|---|---|---|---|---|---|---|',
  ...rows,
];
writeFileSync(join(results, 'hippocampus-intervals.md'), `${text.join('\n')}\n`);
