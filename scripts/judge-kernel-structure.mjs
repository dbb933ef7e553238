// How far the kernels of a prior's source net have come from the noise that they started as, layer by layer:
// docs/results/kernel-structure.md. Usage: node scripts/judge-kernel-structure.mjs [PRIOR]
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPorts } from '../dist/main/storage/open-ports.js';

const name = process.argv[2] ?? 'hippocampus-synthetic';
const { weights } = await openPorts(tmpdir()).priors.load(name);

/** Mean product of voxels side by side along the last axis, over the mean square: 0 for noise, 2/3 and more for smooth kernels. */
function structureOf({ shape: [depth, height, width, inputs, outputs], data }) {
  const slices = inputs * outputs;
  const pairs = depth * height * (width - 1) * slices;
  let [square, product] = [0, 0];
  for (let v = 0; v < data.length; v++) {
    square += data[v] ** 2;
    if (Math.floor(v / slices) % width < width - 1) product += data[v] * data[v + slices];
  }
  const rms = Math.sqrt(square / data.length);
  return { rms, neighbours: product / pairs / rms ** 2, started: Math.sqrt(2 / (depth * height * width * inputs)) };
}

const rows = Object.entries(weights)
  .filter(([layer, { shape }]) => layer.startsWith('start/') && shape.length === 5 && shape[0] === 3)
  .map(([layer, kernels]) => {
    const { rms, neighbours, started } = structureOf(kernels);
    return `| ${layer.slice('start/'.length)} | ${kernels.shape[3]} to ${kernels.shape[4]} | ${rms.toFixed(4)} | ${(rms / started).toFixed(2)} | ${neighbours.toFixed(2)} |`;
  });
const lines = [
  `# Kernels of ${name}'s source net`,
  '',
  'Root mean square of the weights, the same over that of a He start, and the correlation of weights side by side (0: noise, as they start). `node scripts/judge-kernel-structure.mjs`',
  '',
  '| layer | channels | rms | over its start | neighbours |',
  '|---|---|---|---|---|',
  ...rows,
];
writeFileSync(join(import.meta.dirname, '../docs/results/kernel-structure.md'), `${lines.join('\n')}\n`);
