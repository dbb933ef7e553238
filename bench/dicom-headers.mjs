// Reading the headers of 5,000 small files and grouping them: time and peak memory of a process that does nothing else; writes
// docs/results/bench-dicom-headers.json. Usage, after npm run build and with the .venv of .ci/run: node bench/dicom-headers.mjs SMALL-SLICE.dcm
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groupSeries } from '../dist/main/imaging/dicom/group-series.js';
import { scanDicom } from '../dist/main/storage/dicom/scan-dicom.js';
import { resultFolders } from '../dist/main/storage/result-folders.js';

const [slice] = process.argv.slice(2);
const files = 5000;
const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'fewscan-bench-'));
const folder = join(temporary, 'series');
const context = { signal: new AbortController().signal, report() {}, async breathe() {} };

try {
  const made = spawnSync(
    join(root, '.venv/bin/python'),
    [join(root, 'bench/dicom_reading.py'), 'make', folder, slice, String(files)],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const startedMs = performance.now();
  const { headers } = await scanDicom([folder], context);
  const parts = groupSeries(headers);
  const elapsedMs = Math.round(performance.now() - startedMs);
  const record = {
    version: 1,
    work: `headers of ${headers.length} files, grouped into ${parts.length} volume(s)`,
    machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version },
    elapsedMs,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
  await resultFolders.writeJson(join(root, 'docs/results/bench-dicom-headers.json'), record);
  console.log(record);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
