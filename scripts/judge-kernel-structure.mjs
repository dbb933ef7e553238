// How far the kernels of source nets have come from the noise that they started as, layer by layer: docs/results/kernel-structure.md.
// Usage: node scripts/judge-kernel-structure.mjs WHAT ...     WHAT: a prior (its source net), or TITLE=FOLDER of `fewscan train-source` (first net, last cycle)
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openPorts } from '../dist/main/storage/open-ports.js';

const ports = openPorts(tmpdir());
const whats = process.argv.length > 2 ? process.argv.slice(2) : ['hippocampus-synthetic'];

/** Filters by layer. */
async function netOf(what) {
  const [title, folder] = what.split('=');
  if (folder === undefined) {
    const { weights } = await ports.priors.load(title);
    const start = Object.entries(weights).filter(([name]) => name.startsWith('start/'));
    return { title, filters: Object.fromEntries(start.map(([name, array]) => [name.slice('start/'.length), array])) };
  }
  const snapshots = await ports.sources.listSnapshots(resolve(folder));
  const { member } = snapshots[0];
  const cycle = Math.max(...snapshots.filter((one) => one.member === member).map((one) => one.cycle));
  const { weights, record } = await ports.sources.loadSnapshot(resolve(folder), { member, cycle });
  return { title: `${title}, Dice ${Number(record.validationDice).toFixed(3)}`, filters: weights };
}

/** Size of the weights over that of a He start; mean product of voxels side by side along the last axis over the mean square: 0 for noise. */
function structureOf({ shape: [depth, height, width, inputs, outputs], data }) {
  const slices = inputs * outputs;
  let [square, product] = [0, 0];
  for (let v = 0; v < data.length; v++) {
    square += data[v] ** 2;
    if (Math.floor(v / slices) % width < width - 1) product += data[v] * data[v + slices];
  }
  const meanSquare = square / data.length;
  const pairs = depth * height * (width - 1) * slices;
  const started = 2 / (depth * height * width * inputs);
  return `${Math.sqrt(meanSquare / started).toFixed(2)}, ${(product / pairs / meanSquare).toFixed(2)}`;
}

const nets = [];
for (const what of whats) nets.push(await netOf(what));
const layers = Object.entries(nets[0].filters).filter(([, { shape }]) => shape.length === 5 && shape[0] === 3);
const lines = [
  '# Kernels of source nets',
  '',
  'By layer: root mean square of the weights over that of their random start, and the correlation of weights side by side (0: noise, as they start). Dice on synthetic validation images. `node scripts/judge-kernel-structure.mjs`',
  '',
  `| layer | channels | ${nets.map(({ title }) => title).join(' | ')} |`,
  `|---|---|${'---|'.repeat(nets.length)}`,
  ...layers.map(
    ([layer, { shape }]) =>
      `| ${layer} | ${shape[3]} to ${shape[4]} | ${nets.map(({ filters }) => structureOf(filters[layer])).join(' | ')} |`,
  ),
];
writeFileSync(join(import.meta.dirname, '../docs/results/kernel-structure.md'), `${lines.join('\n')}\n`);
