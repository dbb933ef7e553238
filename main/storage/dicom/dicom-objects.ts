import { randomUUID } from 'node:crypto';
import type { Making } from '../../imaging/dicom/derived-image.ts';
import type { DicomReference } from '../../imaging/dicom/dicom-reference.ts';
import { encodeParametricMap } from '../../imaging/dicom/encode-parametric-map.ts';
import { encodeSegmentation, type SegmentationFacts } from '../../imaging/dicom/encode-segmentation.ts';
import type { Volume } from '../../imaging/volume.ts';
import { ownPackage } from '../package-folder.ts';

/** Labels as a DICOM segmentation of now, with UIDs of its own. */
export const segmentationObject = (
  labels: Volume,
  reference: DicomReference,
  facts: Pick<SegmentationFacts, 'structures' | 'drawnBy'>,
): Uint8Array => encodeSegmentation(labels, reference, { ...facts, ...makingNow() });

/** Predictive entropy, in nats, of `classes` classes as a DICOM parametric map of now. */
export const uncertaintyObject = (map: Volume<Float32Array>, reference: DicomReference, classes: number): Uint8Array =>
  encodeParametricMap(map, reference, {
    ...makingNow(),
    quantity: { code: 'entropy', meaning: 'Predictive entropy, nats' },
    unit: { code: '1', meaning: 'no units' },
    range: [0, Math.log(classes)],
  });

const makingNow = (): Making => ({ program: { version: ownPackage().version }, made: new Date(), newUid });

/** A UUID as a UID (PS3.5 B.2). */
const newUid = (): string => `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
