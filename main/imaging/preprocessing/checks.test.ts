import { describe, expect, test } from 'vitest';
import { affineOf, countedVolume } from '../../../tests/imaging-oracle.ts';
import type { Grid, Voxels } from '../volume.ts';
import { asLabels, refuseDifferentGrids, refuseForeignFieldOfView, refuseNonFinite } from './checks.ts';
import { makePlan } from './make-plan.ts';

const grid: Grid = { size: [2, 2, 2], affineRasMm: affineOf('RAS', [1, 1, 1]) };
const withVoxels = <Data extends Voxels>(voxels: Data) => ({ ...grid, voxels, components: 1, warnings: [] });
const code = (value: string) => expect.objectContaining({ code: value });

test('NaN and infinite voxels are counted and refused', () => {
  const voxels = Float32Array.of(0, Number.NaN, 2, Number.POSITIVE_INFINITY, 4, 5, Number.NEGATIVE_INFINITY, 7);
  expect(() => refuseNonFinite(withVoxels(voxels), 'a.nii')).toThrow('a.nii: 3 voxel(s) are NaN or infinite');
  expect(() => refuseNonFinite(withVoxels(new Float32Array(8)), 'a.nii')).not.toThrow();
});

describe('asLabels', () => {
  test('takes the smallest type that holds the values', () => {
    const as = (...values: number[]) =>
      asLabels(withVoxels(Float64Array.from({ length: 8 }, (_, n) => values[n] ?? 0)), 'x').voxels;
    expect(as(1, 255)).toBeInstanceOf(Uint8Array);
    expect(as(1, 256)).toBeInstanceOf(Uint16Array);
    expect(as(1, 65536)).toBeInstanceOf(Int32Array);
    expect(as(-1, 3)).toEqual(Int32Array.of(-1, 3, 0, 0, 0, 0, 0, 0));
    expect(as(1.00001, 2)).toEqual(Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0));
  });

  test('refuses halves, NaN, values beyond int32, and several components', () => {
    const as = (value: number) => () => asLabels(withVoxels(Float32Array.from({ length: 8 }, () => value)), 'x');
    expect(as(0.5)).toThrow(code('labels/not-integers'));
    expect(as(1e12)).toThrow(code('labels/not-integers'));
    expect(as(Number.NaN)).toThrow(code('image/not-finite'));
    expect(() => asLabels(countedVolume(grid, 2), 'x')).toThrow(code('labels/components'));
  });
});

describe('refuseDifferentGrids', () => {
  const moved = (mm: number): Grid => {
    const [x, y, z] = grid.affineRasMm;
    return { ...grid, affineRasMm: [[x[0], x[1], x[2], x[3] + mm], y, z] };
  };
  test('lets rounding pass, and nothing that matters', () => {
    expect(() => refuseDifferentGrids(grid, moved(0.015), 'x')).not.toThrow();
    expect(() => refuseDifferentGrids(grid, moved(0.1), 'x')).toThrow(code('geometry/shifted'));
    expect(() => refuseDifferentGrids(grid, { ...grid, affineRasMm: affineOf('LAS', [1, 1, 1]) }, 'x')).toThrow(
      code('geometry/shifted'),
    );
    expect(() => refuseDifferentGrids(grid, { ...grid, size: [2, 2, 3] }, 'case 3')).toThrow(
      'case 3: image (2 x 2 x 2) and labels (2 x 2 x 3)',
    );
  });
});

describe('refuseForeignFieldOfView', () => {
  const trained: Grid = { size: [40, 50, 30], affineRasMm: affineOf('RAS', [1, 1, 1]) };
  const plan = makePlan([{ channels: [{ ...trained, components: 1 }] }]);
  const of = (...size: [number, number, number]): Grid => ({ size, affineRasMm: affineOf('RAS', [1, 1, 1]) });
  test('refuses a whole head for a model of crops and says how to go on', () => {
    expect(() => refuseForeignFieldOfView(of(182, 218, 182), plan)).toThrow(
      /182 x 218 x 182 mm.*--box x0,y0,z0,x1,y1,z1/,
    );
    expect(() => refuseForeignFieldOfView(of(19, 50, 30), plan)).toThrow(code('plan/field-of-view'));
    expect(() => refuseForeignFieldOfView(of(60, 75, 45), plan)).not.toThrow();
  });
  test('measures along the patient, not along the voxel axes', () => {
    const turned: Grid = { size: [30, 40, 50], affineRasMm: affineOf('SRA', [1, 1, 1]) };
    expect(() => refuseForeignFieldOfView(turned, plan)).not.toThrow();
    expect(() => refuseForeignFieldOfView({ ...turned, size: [50, 40, 30] }, plan)).toThrow(code('plan/field-of-view'));
  });
});
