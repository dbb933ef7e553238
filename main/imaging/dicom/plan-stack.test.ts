import { describe, expect, test } from 'vitest';
import { determinant, transformPoint } from '../geometry/affine.ts';
import type { Vec3 } from '../volume.ts';
import type { FramePlace } from './geometry-attributes.ts';
import { type Correction, planStack } from './plan-stack.ts';
import { stackParts } from './stack-parts.ts';
import { gatherVolume } from './volume-parts.ts';

/** Slices of 2 mm pixels at heights z, each shifted sideways by `drift` mm a mm of height. */
const placesAt = (heights: readonly number[], drift = 0): readonly FramePlace[] =>
  heights.map((z) => ({
    positionLps: [10 + drift * z, 20, z],
    rowDirectionLps: [1, 0, 0],
    columnDirectionLps: [0, 1, 0],
    columnSpacingMm: 2,
    rowSpacingMm: 2,
  }));
const plan = (places: readonly FramePlace[], agreed: readonly Correction[] = []) =>
  planStack(places, { thicknessMm: undefined, agreed, kind: 'MR image' });
const code = (value: string, details = {}) =>
  expect.objectContaining({ code: value, details: expect.objectContaining(details) });

describe('a stack', () => {
  test('is ordered along its normal, whatever the order of the files, and placed in RAS+', () => {
    const { order, affineRasMm, steps } = plan(placesAt([9, 3, 6, 0]));
    expect(order).toEqual([3, 1, 2, 0]);
    expect(steps).toEqual([0, 1, 2, 3]);
    expect(transformPoint(affineRasMm, [0, 0, 0])).toEqual([-10, -20, 0]);
    expect(transformPoint(affineRasMm, [1, 1, 2])).toEqual([-12, -22, 6]);
    expect(determinant(affineRasMm)).toBeGreaterThan(0);
  });

  test('takes rounded positions for even ones', () => {
    expect(plan(placesAt([0, 0.63, 1.25, 1.88, 2.5])).corrections).toEqual([]);
  });

  test('says which slices are missing, and fills them only by agreement', async () => {
    const places = placesAt([0, 3, 6, 12, 15]);
    expect(() => plan(places)).toThrow(code('dicom/missing-slices', { count: 1, at: '9.0 mm' }));
    const agreed = plan(places, ['spacing']);
    expect([agreed.corrections, agreed.notes.length]).toEqual([['spacing'], 1]);
    expect((await volumeOf(places, agreed)).voxels.filter((_, v) => v % 4 === 0)).toEqual(
      Int16Array.of(0, 30, 60, 90, 120, 150),
    );
  });

  test('of which less than half is there is not made up, agreed or not', () => {
    const places = placesAt([0, 3, 6, 30, 33]);
    for (const agreed of [[], ['spacing']] as const)
      expect(() => plan(places, agreed)).toThrow(code('dicom/too-few-slices', { there: 5, needed: 12 }));
  });

  test('of uneven spacing is resampled to the median only by agreement', async () => {
    const places = placesAt([0, 2, 4, 7.3, 9.3]);
    expect(() => plan(places)).toThrow(code('dicom/uneven-spacing', { leastMm: 2 }));
    const { size, affineRasMm } = await volumeOf(places, plan(places, ['spacing']));
    expect(size).toEqual([2, 2, 5]); // up to 8 mm: what lies beyond the last slice is not made up
    expect(affineRasMm[2][2]).toBeCloseTo(2, 9);
    const ramp = placesAt([0, 3, 6, 9, 12, 15, 18, 23]);
    const { voxels } = await volumeOf(ramp, plan(ramp, ['spacing']));
    expect(voxels.filter((_, v) => v % 4 === 0)).toEqual(Int16Array.of(0, 30, 60, 90, 120, 150, 180, 210));
  });

  test('that is tilted is straightened only by agreement, and each point keeps its place', async () => {
    const places = placesAt([0, 4, 8, 12, 16], 0.5);
    expect(() => plan(places)).toThrow(code('dicom/gantry-tilt'));
    const straight = await volumeOf(places, plan(places, ['tilt']), 9);
    const [x, y, z] = straight.affineRasMm;
    expect([x[2], y[2], z[2]]).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9), expect.closeTo(4, 9)]);
    // the mark is the fourth column, drifting by 2 mm, one pixel, a slice
    const mark = [...straight.voxels.keys()].filter((v) => straight.voxels[v]! > 500);
    const places4 = mark.map((v) =>
      transformPoint(straight.affineRasMm, [
        v % straight.size[0],
        0,
        Math.floor(v / (straight.size[0] * straight.size[1])),
      ] as Vec3),
    );
    for (const [rasX, , rasZ] of places4) expect(rasX).toBeCloseTo(-(10 + 2 * 3 + 0.5 * rasZ), 6);
    expect(new Set(places4.map(([, , rasZ]) => rasZ)).size).toBe(5);
  });

  test('of one slice needs its thickness, and slices off the line are refused', () => {
    expect(() => plan(placesAt([5]))).toThrow(code('dicom/one-slice'));
    expect(planStack(placesAt([5]), { thicknessMm: 4, agreed: [], kind: 'MR image' }).affineRasMm[2][2]).toBe(4);
    const bent = placesAt([0, 1, 2, 3, 4]).map((place, n) =>
      n === 2 ? { ...place, positionLps: [30, 20, 2] as const } : place,
    );
    expect(() => plan(bent)).toThrow(code('dicom/no-geometry'));
  });
});

/** Each slice of 2 rows holds ten times its height, but for a mark of 1000 in its fourth column. */
async function volumeOf(places: readonly FramePlace[], stack: ReturnType<typeof plan>, columns = 2) {
  const slices = stack.order.map((n) => ({
    frame: n,
    tile: { column: 0, row: 0, columns, rows: 2 },
    place: places[n],
    rescale: { slope: 10, intercept: 0 },
    kind: [],
  }));
  const volume = await gatherVolume(
    stackParts(slices, stack, async (n) =>
      Int16Array.from({ length: columns * 2 }, (_, v) =>
        columns > 3 && v % columns === 3 ? 100 : places[stack.order[n]!]!.positionLps[2],
      ),
    ),
  );
  return { ...volume, voxels: volume.voxels as Int16Array };
}
