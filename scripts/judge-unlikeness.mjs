// Is a scan unlike the training scans known by its features alone? Real scans beside the same as they might go wrong, and beside other images.
// Usage: node scripts/judge-unlikeness.mjs HIPPOCAMPUS GLIOMA: docs/results/unlikeness.json and .md; or --draw.
// Ten of names 41 to 140 set plan and features, seeds 0 to 4; names 141 to 200 are judged as they are and as each kind spoils them. From where on a
// scan is called unlike was chosen on names 1 to 40: beyond what 98 of 100 scans reach that did not set the features.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unlikeFrom } from '../dist/contract/segmentation-report.js';
import { applyPlan } from '../dist/main/imaging/preprocessing/apply-plan.js';
import { makePlan } from '../dist/main/imaging/preprocessing/make-plan.js';
import { drawScans, select } from '../dist/main/jobs/compare.js';
import { readCase } from '../dist/main/jobs/labelled-cases.js';
import { featureDeviates, fitFeatureDensity } from '../dist/main/numerics/inference/feature-density.js';
import { scanFeatures } from '../dist/main/numerics/inference/scan-features.js';
import { acquire } from '../dist/main/numerics/synthesis/acquisition.js';
import { derive, rootKey, uniforms } from '../dist/main/numerics/tensors/random.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const file = join(import.meta.dirname, '../docs/results/unlikeness.json');
const seeds = [0, 1, 2, 3, 4];
const settings = { scans: 10, trainFrom: '41-140', testOn: '141-200', crops: 60 };
const development = { names: '1-40', draws: 20, scans: [5, 10, 20] };

const [hippocampus, glioma] = process.argv.slice(2);
if (hippocampus !== '--draw') writeFileSync(file, `${JSON.stringify(await judge(), null, 1)}\n`);
draw(JSON.parse(readFileSync(file, 'utf8')));

async function judge() {
  const ports = openPorts(tmpdir());
  const places = { images: join(hippocampus, 'images'), labels: join(hippocampus, 'labels') };
  const { cases } = await ports.scans.readDataset(places);
  const test = [];
  for (const one of select(cases, settings.testOn)) test.push(await ports.scans.readVolume(one.imagePaths[0]));
  const others = await brainCrops(ports);
  const runs = [];
  for (const seed of seeds) {
    const training = [];
    for (const one of drawScans(select(cases, settings.trainFrom), { scans: settings.scans, seed }))
      training.push(await readCase(ports, one));
    const farthest = judgeBy(training);
    const kinds = { 'as they are': test, ...spoiled(test, rootKey(seed)), ...others };
    const deviations = Object.fromEntries(Object.entries(kinds).map(([kind, all]) => [kind, all.map(farthest)]));
    runs.push({ seed, deviations });
  }
  const threshold = unlikeFrom;
  return { settings: { ...settings, seeds, threshold }, development: await develop(ports, cases), runs };
}

/** The greatest deviation of a scan from these. */
function judgeBy(training) {
  const plan = makePlan(training);
  const featuresOf = (volume) => {
    const { tensor, size } = applyPlan([volume], plan);
    return scanFeatures(tensor, size, 1);
  };
  const density = fitFeatureDensity(training.map(({ channels }) => featuresOf(channels[0])));
  return (volume) => Math.max(...featureDeviates(density, featuresOf(volume)).map(Math.abs));
}

/** What scans of the same kind reach that did not set the features: 50, 90, 95, 98 and 100 of 100, by number of training scans. */
async function develop(ports, cases) {
  const all = select(cases, development.names);
  const read = new Map();
  for (const one of all) read.set(one.name, await readCase(ports, one));
  const quantiles = development.scans.map((scans) => {
    const reached = Array.from({ length: development.draws }, (_, seed) => {
      const chosen = drawScans(all, { scans, seed });
      const farthest = judgeBy(chosen.map(({ name }) => read.get(name)));
      return all.filter((one) => !chosen.includes(one)).map(({ name }) => farthest(read.get(name).channels[0]));
    })
      .flat()
      .sort((a, b) => a - b);
    return {
      scans,
      reached: [0.5, 0.9, 0.95, 0.98, 1].map((share) => reached[Math.round(share * (reached.length - 1))]),
    };
  });
  return { ...development, quantiles };
}

/** The same scans as a scanner or a patient might spoil them. */
function spoiled(volumes, key) {
  const none = {
    reversed: false,
    gamma: 1,
    field: { deviation: 0, controlSpacing: 20 },
    thickness: { axis: 0, factor: 1 },
    noise: 0,
  };
  const changes = {
    'another contrast (reversed)': { reversed: true },
    'a bent contrast (gamma 2.5)': { gamma: 2.5 },
    'a field of 0.4': { field: { deviation: 0.4, controlSpacing: 20 } },
    'slices of 3 mm': { thickness: { axis: 0, factor: 3 } },
    'noise of 0.05': { noise: 0.05 },
    'noise of 0.15': { noise: 0.15 },
  };
  const shown = (volume, change, n) => {
    const sides = [...volume.size].reverse();
    return {
      ...volume,
      voxels: acquire(Float32Array.from(volume.voxels), sides, { ...none, ...change }, derive(key, n)),
    };
  };
  return {
    ...Object.fromEntries(
      Object.entries(changes).map(([kind, change]) => [kind, volumes.map((volume, n) => shown(volume, change, n))]),
    ),
    'motion (two ghosts of a fifth, 4 mm apart)': volumes.map(ghosted),
    'upside down': volumes.map((volume) => ({ ...volume, voxels: Float32Array.from(volume.voxels).reverse() })),
  };
}

/** A patient who moved between lines of the acquisition leaves copies along the second axis. */
function ghosted(volume) {
  const [I, J] = volume.size;
  const at = (n, shift) => {
    const j = Math.floor(n / I) % J;
    return volume.voxels[n + I * (((j + shift + J) % J) - j)];
  };
  return {
    ...volume,
    voxels: Float32Array.from(volume.voxels, (value, n) => 0.6 * value + 0.2 * at(n, 4) + 0.2 * at(n, -4)),
  };
}

/** Crops of a training scan's size from elsewhere in the heads of other patients. */
async function brainCrops(ports) {
  const kinds = {};
  const size = [35, 50, 36];
  for (const [kind, name] of [
    ['elsewhere in the head, T1 with contrast agent', 'T1c_subtrMeanDivStd.nii.gz'],
    ['elsewhere in the head, FLAIR', 'Flair_subtrMeanDivStd.nii.gz'],
  ]) {
    const folders = ['train', 'validation', 'test'].flatMap((part) =>
      readdirSync(join(glioma, part)).map((patient) => join(glioma, part, patient)),
    );
    const crops = [];
    for (const [n, folder] of folders.entries()) {
      const volume = await ports.scans.readVolume(join(folder, name));
      const mask = await ports.scans.readVolume(join(folder, 'brainmask.nii.gz'));
      const places = uniforms(derive(rootKey(0), kind, n), 3 * 1000);
      const wanted = Math.ceil((settings.crops * (n + 1)) / folders.length);
      for (let draw = 0; crops.length < wanted; draw += 3) {
        const from = size.map((side, axis) => Math.floor(places[draw + axis] * (volume.size[axis] - side)));
        const inside = cropOf(mask, from, size).filter((value) => value > 0).length;
        if (inside > 0.8 * size[0] * size[1] * size[2])
          crops.push({ ...volume, size, voxels: cropOf(volume, from, size) });
      }
    }
    kinds[kind] = crops;
  }
  return kinds;
}

function cropOf({ voxels, size: [I, J] }, [x, y, z], [width, height, depth]) {
  const crop = new Float32Array(width * height * depth);
  for (let n = 0; n < crop.length; n++) {
    const [i, j, k] = [n % width, Math.floor(n / width) % height, Math.floor(n / (width * height))];
    crop[n] = voxels[x + i + I * (y + j + J * (z + k))];
  }
  return crop;
}

/** Share of pairs in which the unlike scan lies farther. */
function areaUnderCurve(unlike, like) {
  let sum = 0;
  for (const a of unlike) for (const b of like) sum += a > b ? 1 : a === b ? 0.5 : 0;
  return sum / (unlike.length * like.length);
}

function draw({ settings: { scans, trainFrom, testOn, threshold: from }, development: { names, quantiles }, runs }) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = (values) =>
    `${mean(values).toFixed(3)} (${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)})`;
  const lines = Object.keys(runs[0].deviations).map((kind) => {
    const areas = runs.map(({ deviations }) => areaUnderCurve(deviations[kind], deviations['as they are']));
    const called = runs.map(({ deviations }) => mean(deviations[kind].map((value) => (value >= from ? 1 : 0))));
    return `| ${kind} | ${kind === 'as they are' ? '' : spread(areas)} | ${spread(called)} |`;
  });
  writeFileSync(
    file.replace(/json$/, 'md'),
    [
      `The greatest deviation of a scan's features (quantiles, sharpness, slow changes of brightness) from those of ${scans} training scans of names ${trainFrom}, for names ${testOn}. Mean over ${runs.length} draws of training scans (least to greatest). A scan is called unlike from ${from} deviations on.`,
      '',
      `On names ${names}, 98 of 100 scans that did not set the features stay below ${quantiles.map((one) => `${one.reached[3].toFixed(2)} (${one.scans} training scans)`).join(', ')}.`,
      '',
      '| images | AUROC | called unlike |',
      '|---|---|---|',
      ...lines,
      '',
    ].join('\n'),
  );
}
