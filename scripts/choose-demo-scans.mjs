// Lays out resources/demo from a folder of the Medical Segmentation Decathlon's hippocampus task (images/, labels/):
// 13 of its first 40 scans by name, by a seeded draw; the first ten to adapt to, the other three unseen.
// Usage: node scripts/choose-demo-scans.mjs FOLDER
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { derive, rootKey, shuffled } from '../dist/main/numerics/tensors/random.js';

const source = process.argv[2];
const target = fileURLToPath(new URL('../resources/demo', import.meta.url));
const names = readdirSync(join(source, 'images')).sort().slice(0, 40);
const chosen = shuffled(derive(rootKey(0), 'demo-scans'), names.length)
  .slice(0, 13)
  .map((n) => names[n].replace('.nii.gz', ''));
const [adapted, unseen] = [chosen.slice(0, 10).sort(), chosen.slice(10).sort()];

for (const folder of ['imagesTr', 'labelsTr', 'imagesTs', 'labelsTs']) {
  rmSync(join(target, folder), { recursive: true, force: true });
  mkdirSync(join(target, folder), { recursive: true });
}
const copy = (from, to) => copyFileSync(join(source, from), join(target, to));
for (const name of adapted) {
  copy(`images/${name}.nii.gz`, `imagesTr/${name}_0000.nii.gz`);
  copy(`labels/${name}.nii.gz`, `labelsTr/${name}.nii.gz`);
}
for (const name of unseen) {
  copy(`images/${name}.nii.gz`, `imagesTs/${name}.nii.gz`);
  copy(`labels/${name}.nii.gz`, `labelsTs/${name}.nii.gz`);
}
const description = {
  name: 'Hippocampus, 13 demo scans',
  channel_names: { 0: 'T1' },
  labels: { background: 0, anterior: 1, posterior: 2 },
  numTraining: adapted.length,
  file_ending: '.nii.gz',
  licence: 'CC BY-SA 4.0',
};
writeFileSync(join(target, 'dataset.json'), `${JSON.stringify(description, null, 2)}\n`);
