import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { reorient } from '../../imaging/geometry/reorient.ts';
import type { Volume } from '../../imaging/volume.ts';
import { thumbnailPng } from './thumbnail.ts';

/** Bright at the patient's right and front; the middle slice alone. */
function marked(): Volume {
  const size = [12, 8, 5] as const; // 24 x 8 mm
  const voxels = new Int16Array(12 * 8 * 5);
  for (let k = 0; k < 5; k++)
    for (let j = 0; j < 8; j++) for (let i = 0; i < 12; i++) voxels[i + 12 * (j + 8 * k)] = k === 2 ? 0 : 500;
  for (const [i, j] of [
    [11, 7],
    [10, 7],
    [11, 6],
    [10, 6],
  ] as const)
    voxels[i + 12 * (j + 8 * 2)] = 100;
  const affineRasMm = [
    [2, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 3, 0],
  ] as const;
  return { size, affineRasMm, voxels, components: 1, warnings: [] };
}

describe('a thumbnail', () => {
  it('shows the middle axial slice with right on the left, front at the top and pixels of true shape', () => {
    const { width, height, data } = PNG.sync.read(Buffer.from(thumbnailPng(marked(), 48)));
    expect([width, height]).toEqual([48, 48]);
    const at = (x: number, y: number) => data[4 * (y * 48 + x)]!;
    expect(at(2, 17)).toBeGreaterThan(200); // 24 mm are 48 pixels, so 8 mm are the middle 16
    expect([at(45, 17), at(2, 30), at(45, 30), at(2, 5), at(2, 40)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('is the same for every order of the voxel axes', () => {
    const expected = Buffer.from(thumbnailPng(marked()));
    for (const code of ['LPS', 'SAR', 'PIR', 'IRA'])
      expect(Buffer.compare(Buffer.from(thumbnailPng(reorient(marked(), code))), expected), code).toBe(0);
  });

  it('takes the first of several components', () => {
    const one = marked();
    const voxels = new Int16Array(2 * one.voxels.length).fill(7);
    voxels.set(one.voxels as Int16Array);
    expect(thumbnailPng({ ...one, components: 2, voxels })).toEqual(thumbnailPng(one));
  });

  it('is the middle one of pictures in colour, as it was stored', () => {
    const size = [4, 2, 3] as const;
    const voxels = new Uint8Array(4 * 2 * 3 * 3); // three planes of three pictures
    voxels[(0 * 3 + 1) * 8 + 0] = 200; // red at the first pixel of the middle picture
    voxels[(2 * 3 + 1) * 8 + 7] = 90; // blue at its last
    const volume = { ...marked(), size, voxels, components: 3, pictures: { placed: false } };
    const { data } = PNG.sync.read(Buffer.from(thumbnailPng(volume, 48)));
    const at = (x: number, y: number) => [...data.subarray(4 * (y * 48 + x), 4 * (y * 48 + x) + 3)];
    // 8 mm wide and 2 mm tall in marked()'s spacing: 48 by 12 pixels
    expect([at(0, 18), at(47, 29), at(24, 20), at(0, 16)]).toEqual([
      [200, 0, 0],
      [0, 0, 90],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});
