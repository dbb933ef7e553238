// Peak memory of segmenting 512 x 512 x 400 voxels, beside the forecast: docs/results/bench-large-volume.json. Argument: samples (8).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chosenBackEnd, findBackEnds } from '../dist/main/compute/back-end.js';
import { machineOf } from '../dist/main/compute/machine.js';
import { segmentScan } from '../dist/main/jobs/segment-scan.js';
import { writeSegmentation } from '../dist/main/jobs/write-segmentation.js';
import { segmentationBytes } from '../dist/main/numerics/cost/forecast-memory.js';
import { randomArrays } from '../dist/main/numerics/models/unet-weights.js';
import { rootKey } from '../dist/main/numerics/tensors/random.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const samples = Number(process.argv[2] ?? 8);
const size = [512, 512, 400];
const patch = [96, 96, 96];
const net = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 2 };
const weights = randomArrays(net, rootKey(1));
const folder = mkdtempSync(join(tmpdir(), 'fewscan-large-'));
const compute = chosenBackEnd(await findBackEnds());
const ports = { ...openPorts(folder, folder), machine: machineOf(compute) };
const residentBytes = process.memoryUsage.rss();
const voxels = new Int16Array(size[0] * size[1] * size[2]);
for (let v = 0; v < voxels.length; v++) voxels[v] = 100 * Math.sin(v / 7) + (v % 512);
const volume = {
  size,
  affineRasMm: [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ],
  voxels,
  components: 1,
  warnings: [],
};
const record = {
  name: 'random',
  modelVersion: 1,
  method: 'dwp',
  borderDeviation: 1,
  structures: [{ label: 1, name: 'structure' }],
  plan: {
    orientation: 'RAS',
    spacingMm: [1, 1, 1],
    patchSize: patch,
    normalisation: [{ kind: 'z-score', lowPercentile: 0.5, highPercentile: 99.5 }],
    fieldOfViewMm: { low: size, high: size },
  },
};
const posterior = { kind: 'gaussian', mean: weights, logVariance: new Float32Array(weights.kernels.length).fill(-9) };
const model = { record, net, posterior };
const request = { samples, seed: 0 };
const context = {
  signal: new AbortController().signal,
  report: ({ done }) => process.stderr.write(`sample ${done}\n`),
  breathe: async () => {},
};
const startedMs = performance.now();
try {
  const result = await segmentScan(ports, context, {
    name: 'large',
    volumes: [volume],
    model,
    request,
    title: 'large',
  });
  const predictedBytes = process.resourceUsage().maxRSS * 1024;
  const draft = await ports.results.draft(join(folder, 'out'));
  await writeSegmentation(draft, { name: 'large', result, model, request, machine: ports.machine, startedMs });
  await draft.publish();
  const forecastBytes =
    residentBytes + segmentationBytes(net, voxels.length, { size: [size[2], size[1], size[0]], patch });
  const row = {
    machine: { cpu: cpus()[0].model, cores: cpus().length },
    size,
    patch,
    samples,
    elapsedMs: performance.now() - startedMs,
    forecastBytes,
    peakBytesPredicting: predictedBytes,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  writeFileSync(
    join(import.meta.dirname, '../docs/results/bench-large-volume.json'),
    `${JSON.stringify(row, null, 1)}\n`,
  );
  process.stdout.write(`${JSON.stringify(row)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
