import { describe, expect, it } from 'vitest';
import { stamp } from './stamp.ts';
import { axisAcross, indexAt, spacingOf, voxelMl, voxelOf } from './voxel-geometry.ts';

const grid = {
  size: [21, 25, 9] as [number, number, number],
  affineRasMm: [
    [-0.5, 0, 0, 5],
    [0, 0.8, 0, -9.6],
    [0, 0, 3, -12],
  ],
};
const oblique = {
  size: [30, 30, 30] as [number, number, number],
  affineRasMm: [
    [0.8, -0.6, 0, 3],
    [0.6, 0.8, 0, -16],
    [0, 0, 1, -15],
  ],
};
const centreRasMm = [0, 0, 0] as const;
const empty = ({ size }: typeof grid) => new Uint8Array(size[0] * size[1] * size[2]);
const values = (one: typeof grid) => Int16Array.from({ length: empty(one).length }, (_, n) => n % 100);
const count = (labels: Uint8Array, label = 1) => labels.filter((one) => one === label).length;
const slicesOf = (labels: Uint8Array, { size }: typeof grid) =>
  new Set([...labels.keys()].filter((n) => labels[n]).map((n) => Math.floor(n / (size[0] * size[1]))));

describe('a brush set down once', () => {
  it('is a ball in mm, whatever the voxels', () => {
    const ball = stamp(empty(grid), values(grid), grid, { centreRasMm, radiusMm: 4.6, label: 1 });
    const ml = count(ball) * voxelMl(grid.affineRasMm);
    expect(ml / (((4 / 3) * Math.PI * 4.6 ** 3) / 1000)).toBeGreaterThan(0.9);
    expect(ml / (((4 / 3) * Math.PI * 4.6 ** 3) / 1000)).toBeLessThan(1.1);
    expect(slicesOf(ball, grid)).toEqual(new Set([3, 4, 5]));
  });

  it('is a disc of one slice on a plane, on every plane', () => {
    const disc = stamp(empty(grid), values(grid), grid, { centreRasMm, radiusMm: 4, acrossRas: [0, 0, 1], label: 1 });
    expect(slicesOf(disc, grid)).toEqual(new Set([4]));
    const area = count(disc) * 0.5 * 0.8;
    expect(area / (Math.PI * 16)).toBeGreaterThan(0.93);
    expect(area / (Math.PI * 16)).toBeLessThan(1.07);
    const side = stamp(empty(grid), values(grid), grid, { centreRasMm, radiusMm: 7, acrossRas: [1, 0, 0], label: 1 });
    const columns = new Set([...side.keys()].filter((n) => side[n]).map((n) => n % 21));
    expect(columns).toEqual(new Set([10]));
    expect(slicesOf(side, grid)).toEqual(new Set([2, 3, 4, 5, 6]));
  });

  it('leaves no holes on a plane that cuts the voxels aslant', () => {
    const disc = stamp(empty(oblique), values(oblique), oblique, {
      centreRasMm: [3, -2, 0],
      radiusMm: 5,
      acrossRas: [1, 0, 0],
      label: 1,
    });
    for (let n = 0; n < 2000; n++) {
      const [radius, turn] = [4.2 * Math.sqrt(n / 2000), 2.4 * n];
      const point = [3, -2 + radius * Math.cos(turn), radius * Math.sin(turn)] as const;
      expect(disc[indexAt(oblique.affineRasMm, oblique.size, point)!]).toBe(1);
    }
    const between = { centreRasMm: [0, 0, 1.5], radiusMm: 4, acrossRas: [0, 0, 1], label: 1 } as const;
    expect(slicesOf(stamp(empty(grid), values(grid), grid, between), grid).size).toBe(1); // halfway is one slice's, not both
  });

  it('erases its own structure alone, paints its range alone, and stays within the scan', () => {
    const two = empty(grid).fill(2);
    two[indexAt(grid.affineRasMm, grid.size, centreRasMm)!] = 1;
    const erased = stamp(two, values(grid), grid, { centreRasMm, radiusMm: 3, label: 0, only: 1 });
    expect(count(erased, 0)).toBe(1);
    const ranged = stamp(empty(grid), values(grid), grid, { centreRasMm, radiusMm: 5, label: 1, range: [20, 30] });
    expect(count(ranged)).toBeGreaterThan(0);
    expect([...ranged.keys()].every((n) => !ranged[n] || (n % 100 >= 20 && n % 100 <= 30))).toBe(true);
    expect(count(stamp(empty(grid), values(grid), grid, { centreRasMm: [90, 0, 0], radiusMm: 5, label: 1 }))).toBe(0);
    const corner = stamp(empty(grid), values(grid), grid, { centreRasMm: [5, -9.6, -12], radiusMm: 0.6, label: 1 });
    expect([...corner.keys()].filter((n) => corner[n])).toEqual([0, 1]);
  });
});

describe('voxels and points', () => {
  it('lead to each other', () => {
    for (const { affineRasMm, size } of [grid, oblique])
      for (const voxel of [
        [0, 0, 0],
        [3, 5, 7],
        [20, 2, 8],
      ] as const) {
        const point = affineRasMm.map((row) => row[0]! * voxel[0] + row[1]! * voxel[1] + row[2]! * voxel[2] + row[3]!);
        const back = voxelOf(affineRasMm, point as [number, number, number]);
        for (const [axis, part] of back.entries()) expect(part).toBeCloseTo(voxel[axis]!, 9);
        const index = voxel[0] + size[0] * (voxel[1] + size[1] * voxel[2]);
        expect(indexAt(affineRasMm, size, point as [number, number, number])).toBe(index);
      }
    expect(indexAt(grid.affineRasMm, grid.size, [5.3, -9.6, -12])).toBeUndefined();
  });

  it('have spacing, volume and the axis across a plane', () => {
    expect(spacingOf(grid.affineRasMm)).toEqual([0.5, 0.8, 3]);
    expect(voxelMl(grid.affineRasMm)).toBeCloseTo(0.0012, 9);
    expect(axisAcross(grid.affineRasMm, 'axial')).toBe(2);
    expect(axisAcross(oblique.affineRasMm, 'sagittal')).toBe(0);
    expect(
      axisAcross(
        [
          [0, 0, 2, 0],
          [1, 0, 0, 0],
          [0, 1, 0, 0],
        ],
        'sagittal',
      ),
    ).toBe(2);
  });
});
