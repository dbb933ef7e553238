import { describe, expect, it } from 'vitest';
import { reorient } from '../../imaging/geometry/reorient.ts';
import type { Volume } from '../../imaging/volume.ts';
import { planes, takeSlice, throughAxis } from './slices.ts';

const size = [3, 4, 5] as const;
const upright: Volume = {
  size,
  affineRasMm: [
    [1, 0, 0, -7],
    [0, 2, 0, 5],
    [0, 0, 3, 1],
  ],
  voxels: Int16Array.from({ length: 60 }, (_, n) => n),
  components: 1,
  warnings: [],
};

describe('a slice', () => {
  it('shows right on the left, front and head at the top', () => {
    const { values, columns, rows, columnMm, rowMm } = takeSlice(upright, 'axial', 2);
    expect([columns, rows, columnMm, rowMm]).toEqual([3, 4, 1, 2]);
    expect([values[0], values[2], values[9], values[11]]).toEqual([24 + 11, 24 + 9, 24 + 2, 24]);
    expect(takeSlice(upright, 'sagittal', 1).values[0]).toBe(48 + 9 + 1);
  });

  it('is the same for every order of the voxel axes, and of several components the first', () => {
    for (const code of ['LPS', 'SAR', 'PIR', 'IRA', 'ALI'])
      for (const plane of planes) {
        const turned = reorient(
          { ...upright, components: 2, voxels: Int16Array.from({ length: 120 }, (_, n) => n) },
          code,
        );
        const middle = (volume: Volume) => Math.floor(volume.size[throughAxis(volume, plane)] / 2);
        const [slice, expected] = [
          takeSlice(turned, plane, middle(turned)),
          takeSlice(upright, plane, middle(upright)),
        ];
        const isEven = upright.size[throughAxis(upright, plane)] % 2 === 0; // its middle lies between two slices
        if (isEven) expect({ ...slice, values: [] }).toEqual({ ...expected, values: [] });
        else expect(slice).toEqual(expected);
      }
  });
});
