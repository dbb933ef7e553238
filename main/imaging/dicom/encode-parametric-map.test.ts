import { expect, test } from 'vitest';
import type { Volume } from '../volume.ts';
import { encodeParametricMap } from './encode-parametric-map.ts';
import { parseFile } from './parse-file.ts';

const map: Volume<Float32Array> = {
  size: [3, 2, 4],
  affineRasMm: [
    [-0.7, 0, 0, 1],
    [0, -1.1, 0, 2],
    [0, 0, 2.5, 3],
  ],
  voxels: Float32Array.from({ length: 24 }, (_, v) => Math.sqrt(v) / 5),
  components: 1,
  warnings: [],
};
const image = { sopClassUid: '1.2.840.10008.5.1.4.1.1.4', sopInstanceUid: '1.2.3' };

test('a parametric map holds float32 as they are, a frame for each slice, with its source where it was not interpolated', () => {
  let made = 0;
  const bytes = encodeParametricMap(
    map,
    {
      patient: { name: 'Nakamura^花子' },
      study: { instanceUid: '1.2' },
      seriesInstanceUid: '1.2.9',
      frameOfReferenceUid: '1.2.8',
      images: [image],
      slices: [image, image, null, image],
    },
    {
      quantity: { code: 'entropy', meaning: 'Predictive entropy, nats' },
      unit: { code: '1', meaning: 'no units' },
      range: [0, Math.log(3)],
      program: { version: '0.0.0' },
      made: new Date(2026, 0, 2, 3, 4, 5),
      newUid: () => `2.25.${made++}`,
    },
  );
  const { attributes } = parseFile(bytes, 'made.dcm');
  expect(attributes.text('x00100010')).toBe('Nakamura^花子');
  const frames = attributes.items('x52009230');
  expect(frames).toHaveLength(4);
  expect(frames.map((frame) => frame.item('x00089124') !== undefined)).toEqual([true, true, false, true]);
  const shared = attributes.item('x52009229')!;
  const window = shared.item('x00289132')!;
  expect(window.decimal('x00281050')).toBeCloseTo(Math.log(3) / 2, 12);
  expect(window.decimal('x00281051')).toBeCloseTo(Math.log(3), 12);
  const { byteLength } = map.voxels;
  expect(new Float32Array(bytes.slice(-byteLength).buffer)).toEqual(map.voxels);
  expect(Array.from(bytes.subarray(-byteLength - 12, -byteLength - 4))).toEqual([
    0xe0, 0x7f, 0x08, 0, 0x4f, 0x46, 0, 0,
  ]);
});
