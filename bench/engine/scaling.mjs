// How time and memory grow with voxels, batch and samples: docs/results/bench-scaling.json and .svg. Each in a process of its own.
// Argument: a pattern of the rows to measure anew ('training 96', 'full'); the others stay. --draw draws alone.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { availableMemoryBytes } from '../../dist/main/compute/machine.js';
import { passBytes } from '../../dist/main/numerics/cost/forecast-memory.js';
import { peers, start } from './peers.mjs';
import { savePlot } from './save-plot.mjs';
import { writeWork } from './work-files.mjs';

const sides = {
  training: [32, 48, 64, 80, 96, 128, 160],
  local: [32, 48, 64, 80, 96, 128],
  inference: [32, 48, 64, 96, 128, 160],
};
const works = [
  ...['short', 'full'].flatMap((size) =>
    Object.entries(sides).flatMap(([kind, list]) =>
      (size === 'full' ? list.filter((side) => side <= 96) : list).map((side) => ({ size, kind, side, batch: 1 })),
    ),
  ),
  ...[2, 4, 8].map((batch) => ({ size: 'short', kind: 'training', side: 64, batch })),
  ...[1, 2, 4, 8, 16].map((samples) => ({ size: 'short', kind: 'posterior', side: 64, batch: 1, samples })),
];
const repeats = 5;
const out = join(import.meta.dirname, '../../docs/results/bench-scaling.json');
const nameOf = ({ size, kind, side, batch, samples = 1 }) =>
  `${size} ${kind} ${side}, batch ${batch}, ${samples} samples`;

const [pattern = ''] = process.argv.slice(2);
const rows = new Map(
  existsSync(out)
    ? JSON.parse(readFileSync(out, 'utf8')).rows.map((row) => [nameOf({ batch: 1, ...row }), { batch: 1, ...row }])
    : [],
);
if (pattern !== '--draw') await measure();
draw();

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'fewscan-scaling-'));
  try {
    for (const work of works.filter((one) => nameOf(one).match(pattern))) {
      const { size, kind, side, batch, samples } = work;
      const net = { family: 'residual-unet', size, inputChannels: 1, classes: 2 };
      const pass = kind === 'posterior' ? 'inference' : kind;
      if (1.5 * passBytes(net, pass, [side, side, side], 1) > availableMemoryBytes()) {
        process.stderr.write(`${nameOf(work)}: too little memory, left out\n`);
        continue;
      }
      const data = join(folder, 'work');
      writeWork(data, { side, batch, size });
      const peer = await start(peers.fewscan, samples ? `samples-${samples}` : kind, data);
      const all = [];
      for (let n = 0; n < repeats; n++) all.push(await peer.step());
      peer.end();
      const sorted = all.map((one) => one.ms).sort((a, b) => a - b);
      const ms = sorted[repeats >> 1];
      const row = {
        ...work,
        ms,
        leastMs: sorted[0],
        nsPerVoxel: (ms * 1e6) / (side ** 3 * batch * (samples ?? 1)),
        peakBytes: all.at(-1).peakBytes,
        load: loadavg()[0],
      };
      rows.set(nameOf(work), row);
      process.stderr.write(`${JSON.stringify(row)}\n`);
      const machine = { cpu: cpus()[0].model, cores: cpus().length };
      const ordered = works.flatMap((one) => rows.get(nameOf(one)) ?? []);
      writeFileSync(out, `${JSON.stringify({ machine, repeats, rows: ordered }, null, 1)}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds over voxels that went through the network, one line a kind; a line of slope 1 is linear cost. */
function draw() {
  const points = [...rows.values()].map(({ size, kind, side, batch, samples, ms }) => ({
    kind: `${size}, ${samples ? 'samples of 64^3' : batch > 1 ? 'batches of 64^3' : kind}`,
    voxels: side ** 3 * batch * (samples ?? 1),
    seconds: ms / 1000,
  }));
  const colours = { scheme: 'observable10', legend: false, domain: [...new Set(points.map(({ kind }) => kind))] };
  savePlot(out.replace(/json$/, 'svg'), {
    width: 760,
    height: 480,
    marginLeft: 60,
    marginRight: 160,
    x: { label: 'voxels through the network', type: 'log', grid: true },
    y: { label: 'seconds', type: 'log', grid: true },
    color: colours,
    marks: [
      Plot.line(
        [
          [32 ** 3, 0.05],
          [160 ** 3, 0.05 * 125],
        ],
        { stroke: '#bbbbbb', strokeDasharray: '4 4' },
      ),
      Plot.lineY(points, { x: 'voxels', y: 'seconds', stroke: 'kind', marker: true, sort: 'voxels' }),
      Plot.text(
        points,
        Plot.selectLast({
          x: 'voxels',
          y: 'seconds',
          z: 'kind',
          text: 'kind',
          fill: 'kind',
          textAnchor: 'start',
          dx: 8,
        }),
      ),
    ],
  });
}
