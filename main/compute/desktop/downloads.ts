import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../contract/errors/app-error.ts';
import { spacingMm } from '../../imaging/geometry/grids.ts';
import { readFileBytes, readFileIfThere } from '../../storage/files/read-file.ts';
import type { FilePorts } from '../../storage/open-ports.ts';
import { ownPackage } from '../../storage/package-folder.ts';
import type { ReportPage } from '../../storage/pages/report-pdf.ts';
import type { Download } from './encoded-file.ts';
import type { EncodingAnswer, EncodingTask } from './encoding-thread.ts';

/** @throws AppError of the library and the model store */
export async function downloadOf(ports: FilePorts, path: string): Promise<Download> {
  const [kind = '', first = '', second = '', third = ''] = path.split('/');
  if (kind === 'model') return exportedModel(ports, { name: first, modelVersion: Number(second) });
  if (kind === 'scan') {
    const file = await kept(ports, first, { what: second, result: third });
    await ports.audit.record('scan/export', { scan: first, what: second });
    return file;
  }
  throw new AppError('library/no-such-scan', { id: first });
}

function kept(
  ports: FilePorts,
  id: string,
  { what, result }: { readonly what: string; readonly result: string },
): Promise<Download> {
  if (what === 'report') return report(ports, id, result);
  if (what === 'uncertainty') return inThread({ home: ports.home, asked: { file: 'uncertainty.dcm', id, result } });
  return labels(ports, id, what);
}

async function labels({ library, home }: FilePorts, id: string, file: string): Promise<Download> {
  if (file === 'labels.dcm' || file === 'labels.nrrd') return inThread({ home, asked: { file, id } });
  const { name } = await library.entry(id);
  const bytes = await readFileBytes(library.pathOf(id, 'labels'), 'label image');
  return { bytes, type: 'application/gzip', name: `${name}-labels.nii.gz` };
}

/** Encoding a large scan takes seconds, in which the windows would not answer. */
function inThread(task: EncodingTask): Promise<Download> {
  const thread = new Worker(new URL('./encoding-thread.js', import.meta.url), { workerData: task });
  return new Promise((resolve, reject) => {
    thread.once('message', (answer: EncodingAnswer) =>
      answer.kind === 'done' ? resolve(answer.download) : reject(AppError.fromWire(answer.error)),
    );
    thread.once('error', reject);
  });
}

async function report(ports: FilePorts, id: string, resultId: string): Promise<Download> {
  const { library } = ports;
  const { name, results } = await library.entry(id);
  const result = results.find((one) => one.id === resultId);
  if (!result) throw new AppError('library/no-such-scan', { id: resultId });
  const folder = dirname(library.pathOf(id, { result: resultId, map: 'segmentation' }));
  const { reportPdf } = await import('../../storage/pages/report-pdf.ts'); // half a second of libraries
  const bytes = await reportPdf({
    scan: name,
    drawn: await drawnOf(ports, id),
    createdAt: result.createdAt,
    report: result.report,
    overview: await readFileIfThere(join(folder, 'overview.png')),
    appVersion: ownPackage().version,
  });
  return { bytes, type: 'application/pdf', name: `${name}-report.pdf` };
}

/** Volumes of a person's labels; undefined where nothing is drawn. */
async function drawnOf({ library, scans }: FilePorts, id: string): Promise<ReportPage['drawn']> {
  const { labels, review } = await library.entry(id);
  if (!labels?.sha256) return undefined;
  const volume = await scans.readVolume(library.pathOf(id, 'labels'));
  const counts = new Map<number, number>();
  for (const label of volume.voxels) if (label > 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  const ml = spacingMm(volume).reduce((product, mm) => product * mm, 1) / 1000;
  const nameOf = new Map(labels.structures.map(({ label, name }) => [label, name]));
  const structures = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([label, count]) => ({ name: nameOf.get(label) ?? `label ${label}`, ml: count * ml }));
  return { review, updatedAt: labels.updatedAt, structures };
}

async function exportedModel(
  { models }: FilePorts,
  version: { readonly name: string; readonly modelVersion: number },
): Promise<Download> {
  const folder = await mkdtemp(join(tmpdir(), 'fewscan-export-'));
  try {
    const name = `${version.name}-${version.modelVersion}.fewscan-model`;
    const path = join(folder, 'model.fewscan-model');
    await models.exportTo(path, version);
    return { bytes: await readFileBytes(path, 'model'), type: 'application/octet-stream', name };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
