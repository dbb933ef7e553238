import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../../../contract/errors/app-error.ts';
import { encodeNrrd } from '../../imaging/nrrd/encode.ts';
import { readReference } from '../../storage/dicom/reference-file.ts';
import { readFileBytes, readFileIfThere } from '../../storage/files/read-file.ts';
import type { FilePorts } from '../../storage/open-ports.ts';
import { ownPackage } from '../../storage/package-folder.ts';

/** A file that a person keeps. */
export interface Download {
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly name: string;
}

/** @throws AppError of the library and the model store */
export async function downloadOf(ports: FilePorts, path: string): Promise<Download> {
  const [kind = '', first = '', second = '', third = ''] = path.split('/');
  if (kind === 'model') return exportedModel(ports, { name: first, modelVersion: Number(second) });
  if (kind === 'scan') {
    const file = await (second === 'report' ? report(ports, first, third) : labels(ports, first, second));
    await ports.audit.record('scan/export', { scan: first, what: second });
    return file;
  }
  throw new AppError('library/no-such-scan', { id: first });
}

async function labels({ library, scans }: FilePorts, id: string, file: string): Promise<Download> {
  const { name } = await library.entry(id);
  const path = library.pathOf(id, 'labels');
  if (file === 'labels.dcm') return segmentation(library, scans, id);
  if (file === 'labels.nrrd')
    return {
      bytes: encodeNrrd(await scans.readVolume(path)),
      type: 'application/octet-stream',
      name: `${name}-labels.nrrd`,
    };
  return { bytes: await readFileBytes(path, 'label image'), type: 'application/gzip', name: `${name}-labels.nii.gz` };
}

/** Of every label that is drawn, named or not. */
async function segmentation(library: FilePorts['library'], scans: FilePorts['scans'], id: string): Promise<Download> {
  const { name, labels } = await library.entry(id);
  const reference = await readReference(library.pathOf(id, 'image'));
  if (!reference || !labels) throw new AppError('library/not-from-dicom', { name });
  const volume = await scans.readVolume(library.pathOf(id, 'labels'));
  const nameOf = new Map(labels.structures.map((structure) => [structure.label, structure.name]));
  const drawn = new Set([...nameOf.keys(), ...new Set(volume.voxels)].filter((label) => label > 0));
  const structures = [...drawn]
    .sort((a, b) => a - b)
    .map((label) => ({ label, name: nameOf.get(label) ?? `label ${label}` }));
  const { segmentationObject } = await import('../../storage/dicom/segmentation-object.ts');
  return {
    bytes: segmentationObject(volume, reference, { structures, drawnBy: { type: 'SEMIAUTOMATIC', name: 'Fewscan' } }),
    type: 'application/dicom',
    name: `${name}-labels.dcm`,
  };
}

async function report({ library }: FilePorts, id: string, resultId: string): Promise<Download> {
  const { name, results } = await library.entry(id);
  const result = results.find((one) => one.id === resultId);
  if (!result) throw new AppError('library/no-such-scan', { id: resultId });
  const folder = dirname(library.pathOf(id, { result: resultId, map: 'segmentation' }));
  const { reportPdf } = await import('../../storage/pages/report-pdf.ts'); // half a second of libraries
  const bytes = await reportPdf({
    scan: name,
    createdAt: result.createdAt,
    report: result.report,
    overview: await readFileIfThere(join(folder, 'overview.png')),
    appVersion: ownPackage().version,
  });
  return { bytes, type: 'application/pdf', name: `${name}-report.pdf` };
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
