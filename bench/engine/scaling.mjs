// How time and memory of one step grow with the side of a patch: docs/results/bench-scaling.json. Each size in a process of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { peers, start } from './peers.mjs';
import { writeWork } from './work-files.mjs';

const sides = {
  training: [32, 48, 64, 80, 96, 128],
  local: [32, 48, 64, 80, 96],
  inference: [32, 48, 64, 96, 128, 160],
};
const repeats = 5;
const folder = mkdtempSync(join(tmpdir(), 'fewscan-scaling-'));
const rows = [];
try {
  for (const size of ['short', 'full'])
    for (const [kind, list] of Object.entries(sides))
      for (const side of size === 'full' ? list.filter((side) => side <= 96) : list) {
        const data = join(folder, 'work');
        writeWork(data, { side, batch: 1, size });
        const peer = await start(peers.fewscan, kind, data);
        const all = [];
        for (let n = 0; n < repeats; n++) all.push(await peer.step());
        peer.end();
        const ms = all.map((one) => one.ms).sort((a, b) => a - b)[repeats >> 1];
        rows.push({ size, kind, side, ms, nsPerVoxel: (ms * 1e6) / side ** 3, peakBytes: all.at(-1).peakBytes });
        process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
      }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const machine = { cpu: cpus()[0].model, cores: cpus().length };
writeFileSync(
  join(import.meta.dirname, '../../docs/results/bench-scaling.json'),
  `${JSON.stringify({ machine, repeats, rows }, null, 1)}\n`,
);
