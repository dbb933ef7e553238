// The evidence of the arms in one small file each: docs/results/TARGET-arms.json, from the comparison that `fewscan compare` wrote to docs/results/TARGET/.
// Usage: node scripts/gather-arms.mjs [TARGET[=FOLDER] ...]     (hippocampus when absent; a FOLDER of docs/results/ where it is called otherwise)
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const results = join(import.meta.dirname, '../docs/results');
const [...targets] = process.argv.slice(2);
for (const named of targets.length > 0 ? targets : ['hippocampus']) {
  const [target, folder = target] = named.split('=');
  const { runs, ...tables } = JSON.parse(readFileSync(join(results, folder, 'comparison.json'), 'utf8'));
  const file = join(results, `${target}-arms.json`);
  writeFileSync(file, `${JSON.stringify({ version: 1, target, ...tables, runs: runs.map(slim) }, null, 1)}\n`);
  console.log(`${file}: ${runs.length} runs`);
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
