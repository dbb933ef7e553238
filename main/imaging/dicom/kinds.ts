import type { FileHeader } from './file-header.ts';

export const segmentationStorage = '1.2.840.10008.5.1.4.1.1.66.4';
export const parametricMapStorage = '1.2.840.10008.5.1.4.1.1.30';

/** Kinds of objects without pixels of their own, by the beginning of their SOP class (PS3.4 B.5). */
const objects: readonly (readonly [string, string])[] = [
  [segmentationStorage, 'segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66.7', 'label map segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66.1', 'spatial registration'],
  ['1.2.840.10008.5.1.4.1.1.66', 'raw data'],
  ['1.2.840.10008.5.1.4.1.1.88.67', 'radiation dose report'],
  ['1.2.840.10008.5.1.4.1.1.88', 'structured report'],
  ['1.2.840.10008.5.1.4.1.1.11', 'presentation state'],
  ['1.2.840.10008.5.1.4.1.1.104', 'encapsulated document'],
  ['1.2.840.10008.5.1.4.1.1.9', 'waveform'],
  ['1.2.840.10008.5.1.4.1.1.481.2', 'radiotherapy dose'],
  ['1.2.840.10008.5.1.4.1.1.481.3', 'radiotherapy structures'],
  ['1.2.840.10008.5.1.4.1.1.481', 'radiotherapy plan or record'],
  ['1.2.840.10008.5.1.4.1.1.7', 'secondary capture'],
  ['1.2.840.10008.1.3.10', 'media directory'],
];

/** What a file is, in words for people. */
export function kindOf({ sopClassUid, imageType, modality }: FileHeader): string {
  const known = objects.find(([uid]) => sopClassUid === uid || sopClassUid.startsWith(`${uid}.`));
  if (known) return known[1];
  if (imageType.some((word) => /LOCALI[SZ]ER|SCOUT|SURVEY/.test(word))) return 'localizer';
  if (imageType[0] === 'DERIVED') return 'derived image';
  return modality === '' ? 'image' : `${modality} image`;
}

export const isSegmentation = ({ sopClassUid }: FileHeader): boolean =>
  /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.66\.[47]$/.test(sopClassUid);
