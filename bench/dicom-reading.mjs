// Reading a CT of 300 slices (512 x 512, 16 bits, uncompressed) beside SimpleITK and pydicom, in turn within one run; writes
// docs/results/bench-dicom.json. Usage, after npm run build and with the .venv of .ci/run: node bench/dicom-reading.mjs SLICE.dcm [ROUNDS]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
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
  const [ms, sum] = stdout.trim().split(' ').map(Number);
  return { ms, sum };
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
  const startedMs = performance.now();
  const { voxels } = await read();
  return { ms: Math.round(performance.now() - startedMs), sum: voxels.reduce((sum, value) => sum + value, 0) };
}

const readers = {
  'fewscan, decoding child': () => ours(childDecoder),
  'fewscan, one process': () => ours({ decode: decodeDicom }),
  SimpleITK: () => peer('read', 'SimpleITK'),
  pydicom: () => peer('read', 'pydicom'),
};

try {
  peer('make', slice, '300');
  const times = Object.fromEntries(Object.keys(readers).map((name) => [name, []]));
  const sums = new Set();
  for (let round = 0; round < Number(rounds); round++)
    for (const [name, read] of Object.entries(readers)) {
      const { ms, sum } = await read();
      times[name].push(ms);
      sums.add(sum);
    }
  if (sums.size !== 1) throw new Error(`the readers disagree: ${[...sums].join(', ')}`);
  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const rows = Object.entries(times).map(([reader, ms]) => ({
    reader,
    medianMs: median(ms),
    leastMs: Math.min(...ms),
    ms,
  }));
  const peers = rows.filter(({ reader }) => !reader.startsWith('fewscan'));
  const ratio = (row, figure) => Number((row[figure] / Math.min(...peers.map((peer) => peer[figure]))).toFixed(2));
  const record = {
    version: 1,
    work: 'CT 512 x 512 x 300, 16 bits, uncompressed',
    machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version },
    rows: rows.map((row) => ({
      ...row,
      ratioToFastestPeer: ratio(row, 'medianMs'),
      ratioOfLeastMs: ratio(row, 'leastMs'), // what other work on the machine disturbs least
    })),
  };
  await resultFolders.writeJson(join(root, 'docs/results/bench-dicom.json'), record);
  console.table(record.rows.map(({ ms: _ms, ...row }) => row));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
