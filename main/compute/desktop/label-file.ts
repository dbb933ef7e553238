import { AppError } from '../../../contract/errors/app-error.ts';
import { encodeNrrd } from '../../imaging/nrrd/encode.ts';
import { readReference } from '../../storage/dicom/reference-file.ts';
import { segmentationObject } from '../../storage/dicom/segmentation-object.ts';
import type { FilePorts } from '../../storage/open-ports.ts';

/** A file that a person keeps. */
export interface Download {
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly name: string;
}

export type LabelFile = 'labels.dcm' | 'labels.nrrd';

/** A scan's labels in another format. @throws AppError of the library, `library/not-from-dicom` */
export async function labelFile(
  ports: Pick<FilePorts, 'library' | 'scans'>,
  id: string,
  file: LabelFile,
): Promise<Download> {
  if (file === 'labels.dcm') return segmentation(ports, id);
  const { name } = await ports.library.entry(id);
  const bytes = encodeNrrd(await ports.scans.readVolume(ports.library.pathOf(id, 'labels')));
  return { bytes, type: 'application/octet-stream', name: `${name}-labels.nrrd` };
}

/** Of every label that is drawn, named or not. */
async function segmentation({ library, scans }: Pick<FilePorts, 'library' | 'scans'>, id: string): Promise<Download> {
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
