import { AppError } from '../../../contract/errors/app-error.ts';
import { encodeNrrd } from '../../imaging/nrrd/encode.ts';
import { segmentationObject, uncertaintyObject } from '../../storage/dicom/dicom-objects.ts';
import { readReference } from '../../storage/dicom/reference-file.ts';
import type { FilePorts } from '../../storage/open-ports.ts';

/** A file that a person keeps. */
export interface Download {
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly name: string;
}

export type EncodedFile =
  | { readonly file: 'labels.dcm' | 'labels.nrrd'; readonly id: string }
  /** Of a result. */
  | { readonly file: 'uncertainty.dcm'; readonly id: string; readonly result: string };
type Stores = Pick<FilePorts, 'library' | 'scans'>;

/** What the library keeps of a scan, in another format. @throws AppError of the library, `library/not-from-dicom` */
export async function encodedFile(ports: Stores, asked: EncodedFile): Promise<Download> {
  const { id } = asked;
  if (asked.file === 'labels.dcm') return segmentation(ports, id);
  if (asked.file === 'uncertainty.dcm') return uncertainty(ports, asked);
  const { name } = await ports.library.entry(id);
  const bytes = encodeNrrd(await ports.scans.readVolume(ports.library.pathOf(id, 'labels')));
  return { bytes, type: 'application/octet-stream', name: `${name}-labels.nrrd` };
}

/** Of every label that is drawn, named or not. */
async function segmentation({ library, scans }: Stores, id: string): Promise<Download> {
  const { name, labels } = await library.entry(id);
  const reference = await readReference(library.pathOf(id, 'image'));
  if (!reference || !labels) throw new AppError('library/not-from-dicom', { name });
  const volume = await scans.readVolume(library.pathOf(id, 'labels'));
  const nameOf = new Map(labels.structures.map((structure) => [structure.label, structure.name]));
  const drawn = new Set([...nameOf.keys(), ...new Set(volume.voxels)].filter((label) => label > 0));
  const structures = [...drawn]
    .sort((a, b) => a - b)
    .map((label) => ({ label, name: nameOf.get(label) ?? `label ${label}` }));
  const drawnBy = { type: 'SEMIAUTOMATIC', name: 'Fewscan' } as const;
  const bytes = segmentationObject(volume, reference, { structures, drawnBy });
  return { bytes, type: 'application/dicom', name: `${name}-labels.dcm` };
}

async function uncertainty(
  { library, scans }: Stores,
  { id, result }: { readonly id: string; readonly result: string },
): Promise<Download> {
  const { name, results } = await library.entry(id);
  const known = results.find((one) => one.id === result);
  if (!known) throw new AppError('library/no-such-scan', { id: result });
  const reference = await readReference(library.pathOf(id, 'image'));
  if (!reference) throw new AppError('library/not-from-dicom', { name });
  const map = await scans.readVolume(library.pathOf(id, { result, map: 'predictive-entropy' }));
  const values = { ...map, voxels: Float32Array.from(map.voxels) };
  const bytes = uncertaintyObject(values, reference, known.report.structures.length + 1);
  return { bytes, type: 'application/dicom', name: `${name}-uncertainty.dcm` };
}
