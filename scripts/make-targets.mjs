// The scans of targets B and C of docs/results/protocol.md. What is there already is not made again.
// Usage: node scripts/make-targets.mjs poorer HIPPOCAMPUS OUT    each scan as `poorerAcquisition` shows it, labels as they are
//        node scripts/make-targets.mjs mouse MOUSE-BRAINS OUT    structures 1 and 21 (hippocampus, left and right), cropped to one box
// Both write OUT/images and OUT/labels. The mouse box holds both structures in the first fifteen scans by name, which training scans are drawn from, and a margin.
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractBlock } from '../dist/main/imaging/geometry/block.js';
import { select } from '../dist/main/jobs/compare.js';
import { acquire, poorerAcquisition } from '../dist/main/numerics/synthesis/acquisition.js';
import { derive, rootKey } from '../dist/main/numerics/tensors/random.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const [target, from, out] = process.argv.slice(2);
const makers = { poorer, mouse };
if (!makers[target] || !from || !out) {
  console.error('Usage: node scripts/make-targets.mjs poorer|mouse FOLDER OUT');
  process.exit(2);
}
const ports = openPorts(tmpdir());
const { cases } = await ports.scans.readDataset({ images: join(from, 'images'), labels: join(from, 'labels') });
for (const part of ['images', 'labels']) mkdirSync(join(out, part), { recursive: true });
await makers[target]();
console.log(`${cases.length} scans in ${out}`);

async function poorer() {
  for (const { name, imagePaths, labelPath } of cases) {
    await write('images', name, async () => {
      const image = await ports.scans.readVolume(imagePaths[0]);
      const [ni, nj, nk] = image.size;
      const key = derive(rootKey(0), 'poorer', name); // a scan looks the same whenever it is made
      const voxels = acquire(Float32Array.from(image.voxels), [nk, nj, ni], poorerAcquisition, key);
      return { ...image, voxels };
    });
    await write('labels', name, () => ports.scans.readVolume(labelPath));
  }
}

async function mouse() {
  const structures = [1, 21];
  const margin = 8;
  const low = [Infinity, Infinity, Infinity];
  const high = [-1, -1, -1];
  for (const { labelPath } of select(cases, '1-15')) {
    const { size, voxels } = await ports.scans.readVolume(labelPath);
    voxels.forEach((value, n) => {
      if (!structures.includes(value)) return;
      const at = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / size[0] / size[1])];
      at.forEach((index, axis) => {
        low[axis] = Math.min(low[axis], index);
        high[axis] = Math.max(high[axis], index);
      });
    });
  }
  const box = {
    start: low.map((index) => index - margin),
    size: high.map((index, axis) => index - low[axis] + 1 + 2 * margin),
  };
  for (const { name, imagePaths, labelPath } of cases) {
    await write('images', name, async () => extractBlock(await ports.scans.readVolume(imagePaths[0]), box));
    await write('labels', name, async () => {
      const part = extractBlock(await ports.scans.readVolume(labelPath), box);
      return { ...part, voxels: Uint8Array.from(part.voxels, (value) => (structures.includes(value) ? value : 0)) };
    });
  }
  console.log(`box of ${box.size.join(' x ')} voxels from ${box.start.join(', ')}`);
}

async function write(part, name, make) {
  const path = join(out, part, `${name}.nii.gz`);
  if (!existsSync(path)) await ports.results.writeNifti(path, await make());
}
