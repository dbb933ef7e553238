// Reading a CT of 300 slices (512 x 512, 16 bits, uncompressed) beside SimpleITK and pydicom, in turn within one run; writes
// docs/results/bench-dicom.json. Usage, after npm run build and with the .venv of .ci/run: node bench/dicom-reading.mjs SLICE.dcm [ROUNDS]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childDecoder } from '../dist/main/compute/decode-in-child.js';
import { groupSeries } from '../dist/main/imaging/dicom/group-series.js';
import { decodeDicom } from '../dist/main/storage/dicom/decode-dicom.js';
import { openDicomFiles } from '../dist/main/storage/dicom/dicom-files.js';
import { resultFolders } from '../dist/main/storage/result-folders.js';

const [slice, rounds = '5'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'fewscan-bench-'));
const folder = join(temporary, 'ct');
const context = { signal: new AbortController().signal, report() {}, async breathe() {} };

function peer(verb, ...rest) {
  const { status, stdout, stderr } = spawnSync(
    join(root, '.venv/bin/python'),
    [join(root, 'bench/dicom_reading.py'), verb, folder, ...rest],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  const [ms, cpuMs, sum] = stdout.trim().split(' ').map(Number);
  return { ms, cpuMs, sum };
}

/** Headers, grouping and pixels, in this process or in the decoding child that the product uses. */
async function ours(decoder) {
  const dicom = openDicomFiles(decoder);
  const read = async () => {
    const scan = await dicom.scan([folder], context);
    const [part] = groupSeries(scan.headers);
    return dicom.readPart(scan, part);
  };
  await read();
  await settled();
  const [startedMs, usedMs] = [performance.now(), processorMs()];
  const { voxels } = await read();
  const ms = Math.round(performance.now() - startedMs);
  await settled();
  return { ms, cpuMs: Math.round(processorMs() - usedMs), sum: voxels.reduce((sum, value) => sum + value, 0) };
}

/** The decoding child has ended and is counted, and the next one has started: its start is counted too. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 1500));

/** Milliseconds of the processor that this process and its ended children used (Linux: ticks of 10 ms). */
function processorMs() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  return 10 * fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

const readers = {
  'fewscan, decoding child': () => ours(childDecoder),
  'fewscan, one process': () => ours({ decode: decodeDicom }),
  SimpleITK: () => peer('read', 'SimpleITK'),
  pydicom: () => peer('read', 'pydicom'),
};

try {
  const [loadBefore] = loadavg();
  peer('make', slice, '300');
  const times = Object.fromEntries(Object.keys(readers).map((name) => [name, []]));
  const sums = new Set();
  for (let round = 0; round < Number(rounds); round++)
    for (const [name, read] of Object.entries(readers)) {
      const { ms, cpuMs, sum } = await read();
      times[name].push({ ms, cpuMs });
      sums.add(sum);
    }
  if (sums.size !== 1) throw new Error(`the readers disagree: ${[...sums].join(', ')}`);
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const rows = Object.entries(times).map(([reader, runs]) => {
    const [ms, cpuMs] = [runs.map((run) => run.ms), runs.map((run) => run.cpuMs)];
    return { reader, medianMs: median(ms), medianCpuMs: median(cpuMs), ms, cpuMs };
  });
  const peers = rows.filter(({ reader }) => !reader.startsWith('fewscan'));
  const ratio = (row, figure) => Number((row[figure] / Math.min(...peers.map((peer) => peer[figure]))).toFixed(2));
  const record = {
    version: 1,
    work: 'CT 512 x 512 x 300, 16 bits, uncompressed',
    machine: {
      cpu: cpus()[0].model,
      cores: cpus().length,
      node: process.version,
      loadAverage: Number(loadBefore.toFixed(1)),
    },
    rows: rows.map((row) => ({
      ...row,
      ratioToFastestPeer: ratio(row, 'medianMs'),
      ratioOfCpuMs: ratio(row, 'medianCpuMs'), // other work on the machine disturbs it less
    })),
  };
  await resultFolders.writeJson(join(root, 'docs/results/bench-dicom.json'), record);
  console.table(record.rows.map(({ ms: _ms, cpuMs: _cpuMs, ...row }) => row));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
