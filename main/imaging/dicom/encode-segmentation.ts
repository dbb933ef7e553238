import type { Volume } from '../volume.ts';
import { code, encodeDerivedImage, type Making, shortText } from './derived-image.ts';
import type { DicomReference } from './dicom-reference.ts';
import { segmentationStorage } from './kinds.ts';

/** What a segmentation object says beside its voxels. */
export interface SegmentationFacts extends Making {
  /** In the order of their segment numbers, from 1. */
  readonly structures: readonly { readonly label: number; readonly name: string }[];
  /** Who drew: a program alone, or a person with one. */
  readonly drawnBy: { readonly type: 'AUTOMATIC' | 'SEMIAUTOMATIC'; readonly name: string };
}

/** One frame of the object: a structure's voxels in slice k. */
interface Frame {
  readonly segment: number;
  readonly k: number;
}

/**
 * Labels as a DICOM segmentation (PS3.3 A.51): BINARY, a frame for each structure in each slice that it touches, frames packed without gaps, since readers count
 * bits and not bytes; `reference` says of which patient, study and images.
 * @throws RangeError where no structure is named
 */
export function encodeSegmentation(labels: Volume, reference: DicomReference, facts: SegmentationFacts): Uint8Array {
  const { structures } = facts;
  if (structures.length === 0) throw new RangeError('a segmentation names a structure');
  const frames = framesOf(labels, structures);
  return encodeDerivedImage(labels, reference, facts, {
    sopClassUid: segmentationStorage,
    modality: 'SEG',
    series: { number: '9001', description: 'Fewscan segmentation' },
    content: {
      ImageType: ['DERIVED', 'PRIMARY'],
      ContentLabel: 'SEGMENTATION',
      BitsAllocated: 1,
      BitsStored: 1,
      HighBit: 0,
      PixelRepresentation: 0,
      SegmentationType: 'BINARY',
      SegmentSequence: structures.map((structure, n) => segmentItem(structure, n + 1, facts)),
    },
    pixels: { element: 'PixelData', bytes: packed(labels, frames, structures) },
    dimensions: [[referencedSegmentNumber, segmentIdentification, 'Segment']],
    frames: frames.map(({ segment, k }) => ({
      k,
      indices: [segment],
      groups: { SegmentIdentificationSequence: { ReferencedSegmentNumber: segment } },
    })),
    derivation: code('113076', 'DCM', 'Segmentation'),
  });
}

const [referencedSegmentNumber, segmentIdentification] = [0x0062000b, 0x0062000a];

/** Frames in the order of their dimension index: by structure, then along the stack. Empty ones are left out; of labels without any, one stays. */
function framesOf({ voxels, size }: Volume, structures: SegmentationFacts['structures']): readonly Frame[] {
  const segmentOf = new Map(structures.map(({ label }, n) => [label, n + 1]));
  const pixels = size[0] * size[1];
  const touched = new Set<number>();
  for (let k = 0; k < size[2]; k++)
    for (const label of new Set(voxels.subarray(k * pixels, (k + 1) * pixels))) {
      const segment = segmentOf.get(label);
      if (segment !== undefined) touched.add(segment * size[2] + k);
    }
  const frames = [...touched]
    .sort((a, b) => a - b)
    .map((at) => ({ segment: Math.floor(at / size[2]), k: at % size[2] }));
  return frames.length > 0 ? frames : [{ segment: 1, k: 0 }];
}

/** The frames' voxels, a bit each, the first in the lowest bit, frame after frame without padding but for the last byte. */
function packed(
  { voxels, size }: Volume,
  frames: readonly Frame[],
  structures: SegmentationFacts['structures'],
): Uint8Array<ArrayBuffer> {
  const pixels = size[0] * size[1];
  const bytes = new Uint8Array(2 * Math.ceil((pixels * frames.length) / 16));
  for (const [n, { segment, k }] of frames.entries()) {
    const { label } = structures[segment - 1]!;
    for (let p = 0; p < pixels; p++) {
      const bit = n * pixels + p;
      if (voxels[k * pixels + p] === label) bytes[bit >> 3]! |= 1 << (bit & 7);
    }
  }
  return bytes;
}

/** What a structure is in SNOMED nobody has said: tissue, as other programs write for it. */
const tissue = code('85756007', 'SCT', 'Tissue');

const segmentItem = (
  { label, name }: SegmentationFacts['structures'][number],
  number: number,
  { drawnBy }: SegmentationFacts,
) => ({
  SegmentNumber: number,
  SegmentLabel: shortText(name),
  SegmentDescription: `label ${label}`,
  SegmentAlgorithmType: drawnBy.type,
  SegmentAlgorithmName: shortText(drawnBy.name),
  SegmentedPropertyCategoryCodeSequence: tissue,
  SegmentedPropertyTypeCodeSequence: tissue,
});
