// The scans of targets B, C and D of docs/results/protocol.md. What is there already is not made again.
// Usage: node scripts/make-targets.mjs poorer HIPPOCAMPUS OUT    each scan as `poorerAcquisition` shows it, labels as they are
//        node scripts/make-targets.mjs mouse MOUSE-BRAINS OUT    structures 1 and 21 (hippocampus, left and right), cropped to one box
//        node scripts/make-targets.mjs glioma-flair GLIOMA OUT   whole tumour on FLAIR, brains cropped, 3 mm; glioma-t1c on contrast-enhanced T1
//        node scripts/make-targets.mjs ms-lesions MS-LESIONS OUT their source: lesions on the FLAIR of the three patients that have one, the same way
// All write OUT/images and OUT/labels. The mouse box holds both structures in the first fifteen scans by name, which training scans are drawn from, and a margin.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { extractBlock } from '../dist/main/imaging/geometry/block.js';
import { gridWithSpacing } from '../dist/main/imaging/geometry/grid-with-spacing.js';
import { resample } from '../dist/main/imaging/geometry/resample.js';
import { select } from '../dist/main/jobs/compare.js';
import { acquire, poorerAcquisition } from '../dist/main/numerics/synthesis/acquisition.js';
import { derive, rootKey } from '../dist/main/numerics/tensors/random.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const [target, from, out] = process.argv.slice(2);
const brains = (image, label) => () => makeBrains(image, label);
const makers = {
  poorer,
  mouse,
  'glioma-flair': brains('Flair_', 'OTMultiClass'),
  'glioma-t1c': brains('T1c_', 'OTMultiClass'),
  'ms-lesions': brains('FLAIR_', 'GOLD_STANDARD'),
};
if (!makers[target] || !from || !out) {
  console.error(`Usage: node scripts/make-targets.mjs ${Object.keys(makers).join('|')} FOLDER OUT`);
  process.exit(2);
}
const ports = openPorts(tmpdir());
for (const part of ['images', 'labels']) mkdirSync(join(out, part), { recursive: true });
console.log(`${await makers[target]()} scans in ${out}`);

async function readCases() {
  return (await ports.scans.readDataset({ images: join(from, 'images'), labels: join(from, 'labels') })).cases;
}

async function poorer() {
  const cases = await readCases();
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
  return cases.length;
}

async function mouse() {
  const cases = await readCases();
  const structures = [1, 21];
  const labels = [];
  for (const { labelPath } of select(cases, '1-15')) labels.push(await ports.scans.readVolume(labelPath));
  const box = boxOf(labels, (value) => structures.includes(value), 8);
  for (const { name, imagePaths, labelPath } of cases) {
    await write('images', name, async () => extractBlock(await ports.scans.readVolume(imagePaths[0]), box));
    await write('labels', name, async () => {
      const part = extractBlock(await ports.scans.readVolume(labelPath), box);
      return { ...part, voxels: Uint8Array.from(part.voxels, (value) => (structures.includes(value) ? value : 0)) };
    });
  }
  console.log(`box of ${box.size.join(' x ')} voxels from ${box.start.join(', ')}`);
  return cases.length;
}

/** Files are known by how their names begin, a folder for each patient; outside the brain an image has the value of its first voxel. A label above 0 is 1. */
async function makeBrains(imageStart, labelStart) {
  const paths = readdirSync(from, { recursive: true })
    .filter((path) => basename(path).startsWith(imageStart))
    .map((path) => join(from, path));
  for (const path of paths) {
    const folder = dirname(path);
    const name = basename(folder);
    const image = await ports.scans.readVolume(path);
    const outside = image.voxels[0];
    const box = boxOf([image], (value) => value !== outside, 0);
    const brain = extractBlock(image, box);
    const grid = gridWithSpacing(brain, [3, 3, 3]);
    await write('images', name, () => resample(brain, grid, { interpolation: 'linear', outside }));
    await write('labels', name, async () => {
      const labelFile = readdirSync(folder).find((file) => file.startsWith(labelStart));
      const whole = extractBlock(await ports.scans.readVolume(join(folder, labelFile)), box);
      const label = { ...whole, voxels: Uint8Array.from(whole.voxels, (value) => (value > 0 ? 1 : 0)) };
      return resample(label, grid, { interpolation: 'nearest', outside: 0 });
    });
  }
  return paths.length;
}

/** The block, with a margin, of all voxels in any of the volumes that are wanted. */
function boxOf(volumes, isWanted, margin) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-1, -1, -1];
  for (const { size, voxels } of volumes) {
    voxels.forEach((value, n) => {
      if (!isWanted(value)) return;
      const at = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / size[0] / size[1])];
      at.forEach((index, axis) => {
        low[axis] = Math.min(low[axis], index);
        high[axis] = Math.max(high[axis], index);
      });
    });
  }
  return {
    start: low.map((index) => index - margin),
    size: high.map((index, axis) => index - low[axis] + 1 + 2 * margin),
  };
}

async function write(part, name, make) {
  const path = join(out, part, `${name}.nii.gz`);
  if (!existsSync(path)) await ports.results.writeNifti(path, await make());
}
