import { describe, expect, it } from 'vitest';
import type { Affine, Volume } from '../volume.ts';
import type { DicomReference } from './dicom-reference.ts';
import { encodeSegmentation, type SegmentationFacts } from './encode-segmentation.ts';
import { parseFile } from './parse-file.ts';
import { readSegmentation } from './read-segmentation.ts';

/** Turned about two axes, pixels of 0.7 by 1.1 mm, slices of 2.5 mm. */
const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
const affineRasMm: Affine = [
  [-0.7 * c, 1.1 * s * c, 2.5 * s * s, 12.3456789012345],
  [-0.7 * s, -1.1 * c * c, -2.5 * c * s, -98.7654321098765],
  [0, -1.1 * s, 2.5 * c, 0.00001234567890123],
];
/** 35 pixels a frame, so that frames begin within bytes; slices 0 and 3 are empty. */
const labels: Volume<Uint8Array> = {
  size: [7, 5, 4],
  affineRasMm,
  voxels: Uint8Array.from({ length: 140 }, (_, v) => (v < 35 || v >= 105 ? 0 : ([0, 53, 17, 53][v % 4] ?? 0))),
  components: 1,
  warnings: [],
};
const image = { sopClassUid: '1.2.840.10008.5.1.4.1.1.4', sopInstanceUid: '1.2.3' };
const reference: DicomReference = {
  patient: { name: 'Nakamura^花子' },
  study: { instanceUid: '1.2' },
  seriesInstanceUid: '1.2.9',
  frameOfReferenceUid: '1.2.8',
  images: [image],
  slices: [{ ...image, frame: 1 }, { ...image, frame: 2 }, null, { ...image, frame: 4 }],
};
let made = 0;
const facts: SegmentationFacts = {
  structures: [
    { label: 17, name: 'left' },
    { label: 53, name: 'right\\médian' },
    { label: 99, name: 'absent' },
  ],
  drawnBy: { type: 'SEMIAUTOMATIC', name: 'Fewscan' },
  program: { version: '0.0.0' },
  made: new Date(2026, 0, 2, 3, 4, 5),
  newUid: () => `2.25.${made++}`,
};
const written = (volume: Volume, of = reference) => parseFile(encodeSegmentation(volume, of, facts), 'made.dcm');

describe('labels as a DICOM segmentation', () => {
  it('come back voxel for voxel, at their place, under numbers from 1', async () => {
    const file = written(labels);
    const found = await readSegmentation(file, 'made.dcm');
    expect(found.size).toEqual([7, 5, 2]);
    const numbers = Array.from(labels.voxels.subarray(35, 105), (label) => [17, 53].indexOf(label) + 1);
    expect(Array.from(found.voxels)).toEqual(numbers);
    for (const row of [0, 1, 2] as const) {
      const first = affineRasMm[row][3] + affineRasMm[row][2]; // slice 1 is the first that is there
      for (const axis of [0, 1, 2]) expect(found.affineRasMm[row][axis]).toBeCloseTo(affineRasMm[row][axis]!, 10);
      expect(found.affineRasMm[row][3]).toBeCloseTo(first, 10);
    }
    expect(found.structureNames).toEqual({ 1: 'left', 2: 'right médian', 3: 'absent' });
  });

  it('name the patient in any script, and the source of a slice that was not interpolated', () => {
    const { attributes } = written(labels);
    expect(attributes.text('x00100010')).toBe('Nakamura^花子');
    expect([attributes.code('x00080020') ?? '', attributes.code('x00080023')]).toEqual(['', '20260102']);
    const sources = attributes
      .items('x52009230')
      .map((frame) => frame.item('x00089124')?.item('x00082112')?.decimal('x00081160'));
    expect(sources).toEqual([2, undefined, 2, undefined]); // slices 1 and 2 of the first structure, then of the second
  });

  it('keep one empty frame where nothing is drawn, and a frame of reference where the images have none', async () => {
    const file = written({ ...labels, voxels: new Uint8Array(140) }, { ...reference, frameOfReferenceUid: '' });
    const found = await readSegmentation(file, 'made.dcm');
    expect(found.size).toEqual([7, 5, 1]);
    expect(found.voxels.some((label) => label > 0)).toBe(false);
    expect(file.attributes.code('x00200052')).toMatch(/^2\.25\./);
  });
});
