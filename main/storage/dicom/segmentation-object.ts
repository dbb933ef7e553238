import { randomUUID } from 'node:crypto';
import type { DicomReference } from '../../imaging/dicom/dicom-reference.ts';
import { encodeSegmentation, type SegmentationFacts } from '../../imaging/dicom/encode-segmentation.ts';
import type { Volume } from '../../imaging/volume.ts';
import { ownPackage } from '../package-folder.ts';

/** Labels as a DICOM segmentation of now, with UIDs of its own. */
export const segmentationObject = (
  labels: Volume,
  reference: DicomReference,
  facts: Pick<SegmentationFacts, 'structures' | 'drawnBy'>,
): Uint8Array =>
  encodeSegmentation(labels, reference, {
    ...facts,
    program: { version: ownPackage().version },
    made: new Date(),
    newUid,
  });

/** A UUID as a UID (PS3.5 B.2). */
const newUid = (): string => `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
