import { describe, expect, it } from 'vitest';
import { uncertainPlaces } from './uncertain-places.ts';

const grid = (size: [number, number, number], spacing: [number, number, number]) => ({
  size,
  affineRasMm: [
    [-spacing[0], 0, 0, 50],
    [0, spacing[1], 0, -20],
    [0, 0, spacing[2], 7],
  ],
  components: 1,
  type: 'float32' as const,
});
function map(size: [number, number, number], spacing: [number, number, number], peaks: readonly (readonly number[])[]) {
  const voxels = new Float32Array(size[0] * size[1] * size[2]);
  for (const [i, j, k, value] of peaks) voxels[i! + size[0] * (j! + size[1] * k!)] = value!;
  return { header: grid(size, spacing), voxels };
}

describe('uncertain places', () => {
  it('come highest first, at their millimetre', () => {
    const places = uncertainPlaces(
      map(
        [20, 20, 10],
        [1, 1, 1],
        [
          [2, 3, 4, 0.3],
          [15, 16, 5, 0.6],
          [9, 1, 9, 0.5],
        ],
      ),
    );
    expect(places.map(({ value }) => Math.round(10 * value))).toEqual([6, 5, 3]);
    expect(places[0]!.pointRasMm).toEqual([35, -4, 12]);
  });

  it('lie apart in mm, not in voxels: neighbours in thick slices are two places, in thin ones one', () => {
    const peaks = [
      [5, 5, 2, 0.6],
      [5, 5, 3, 0.5],
    ] as const;
    expect(uncertainPlaces(map([10, 10, 6], [1, 1, 8], peaks))).toHaveLength(2);
    expect(uncertainPlaces(map([10, 10, 6], [1, 1, 5], peaks))).toHaveLength(1);
    expect(uncertainPlaces(map([10, 10, 6], [1, 1, 5], peaks), { apartMm: 5 })).toHaveLength(2);
  });

  it('are found at the very border, and none where the map is low', () => {
    const border = [
      [0, 0, 0, 0.4],
      [9, 9, 5, 0.3],
      [4, 4, 2, 0.05],
    ] as const;
    expect(uncertainPlaces(map([10, 10, 6], [1, 1, 1], border)).map(({ pointRasMm }) => pointRasMm)).toEqual([
      [50, -20, 7],
      [41, -11, 12],
    ]);
    expect(uncertainPlaces(map([10, 10, 6], [1, 1, 1], [[4, 4, 2, 0.05]]))).toEqual([]);
  });

  it('end at the most that were asked for, the highest', () => {
    const peaks = Array.from({ length: 8 }, (_, n) => [n, 0, 0, 0.2 + 0.05 * n] as const);
    const places = uncertainPlaces(map([8, 1, 1], [10, 1, 1], peaks), { most: 3 });
    expect(places.map(({ value }) => value.toFixed(2))).toEqual(['0.55', '0.50', '0.45']);
  });
});
