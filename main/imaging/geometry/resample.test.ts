import { describe, expect, test } from 'vitest';
import {
  affineOf,
  allOrientations,
  countedVolume,
  tilted,
  worldMap,
  worldVolume,
} from '../../../tests/imaging-oracle.ts';
import type { Grid, Vec3 } from '../volume.ts';
import { transformPoint } from './affine.ts';
import { gridWithSpacing } from './grid-with-spacing.ts';
import { fieldOfViewMm, sameGrid, spacingMm, voxelCount, voxelVolumeMl } from './grids.ts';
import { turnGrid, turnTo } from './orientation.ts';
import { reorient } from './reorient.ts';
import { resample } from './resample.ts';

const ramp = ([x, y, z]: Vec3) => 2 + 0.5 * x - 1.25 * y + 0.75 * z;
const linear = { interpolation: 'linear', outside: -1000 } as const;
const nearest = { interpolation: 'nearest', outside: -1 } as const;

/** Largest difference from the ramp over voxels that `counts` admits, and their number. */
function rampError(grid: Grid, values: Float32Array, counts: (voxel: Vec3) => boolean): readonly [number, number] {
  const expected = worldVolume(grid, ramp).voxels;
  const [ni, nj] = grid.size;
  let [worst, counted] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    if (values[n] === -1000 || !counts([n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))])) continue;
    worst = Math.max(worst, Math.abs(values[n]! - expected[n]!));
    counted++;
  }
  return [worst, counted];
}

describe('resample', () => {
  test('linear reproduces a ramp on a finer oblique grid', () => {
    const source = worldVolume({ size: [12, 11, 10], affineRasMm: tilted(affineOf('LIA', [1, 2, 1.5]), 20) }, ramp);
    const centre = transformPoint(source.affineRasMm, [5.5, 5, 4.5]);
    const turned = tilted(affineOf('SRP', [0.7, 0.6, 0.5]), -14);
    const corner = transformPoint(turned, [4.5, 5, 5.5]);
    const affineRasMm = turned.map((row, x) => [row[0], row[1], row[2], row[3] + centre[x]! - corner[x]!]);
    const grid = { size: [10, 11, 12], affineRasMm: affineRasMm as never } as const;
    const [worst, counted] = rampError(grid, resample(source, grid, linear).voxels, () => true);
    expect(counted).toBe(voxelCount(grid));
    expect(worst).toBeLessThan(1e-4);
  });

  test('smoothing for a coarser grid keeps a ramp away from the edge', () => {
    const source = worldVolume({ size: [40, 36, 30], affineRasMm: tilted(affineOf('RAS', [1, 1, 1]), 10) }, ramp);
    const grid = gridWithSpacing(source, [2.5, 3, 1]);
    const interior = ([i, j]: Vec3) => i >= 2 && j >= 2 && i < grid.size[0] - 2 && j < grid.size[1] - 2;
    const [worst, counted] = rampError(grid, resample(source, grid, linear).voxels, interior);
    expect(counted).toBeGreaterThan(2000);
    expect(worst).toBeLessThan(1e-4);
  });

  test('smoothing takes out what a coarser grid cannot hold', () => {
    const grid: Grid = { size: [64, 4, 4], affineRasMm: affineOf('RAS', [1, 1, 1]) };
    const stripes = { ...worldVolume(grid, () => 0), voxels: Float32Array.from({ length: 1024 }, (_, n) => n % 2) };
    const coarse = resample(stripes, gridWithSpacing(grid, [3.1, 1, 1]), linear).voxels;
    const middle = coarse.filter((_, n) => n % 21 > 1 && n % 21 < 19);
    expect(Math.max(...middle.map((value) => Math.abs(value - 0.5)))).toBeLessThan(0.02);
  });

  test('class probabilities stay probabilities', () => {
    const grid: Grid = { size: [7, 6, 5], affineRasMm: affineOf('RAS') };
    const first = worldVolume(grid, ([x, y]) => 0.5 + 0.4 * Math.sin(x + 2 * y)).voxels;
    const voxels = Float32Array.from([...first, ...first.map((p) => 1 - p)]);
    const finer = resample(
      { ...grid, voxels, components: 2, warnings: [] },
      gridWithSpacing(grid, [0.7, 0.7, 0.7]),
      linear,
    );
    const half = finer.voxels.length / 2;
    for (let n = 0; n < half; n++) expect(finer.voxels[n]! + finer.voxels[n + half]!).toBeCloseTo(1, 6);
  });

  test('both interpolations are exact between turns of one grid, and keep the world', () => {
    for (const code of allOrientations) {
      const volume = countedVolume({ size: [3, 4, 5], affineRasMm: affineOf(code) });
      const grid = turnGrid(volume, turnTo(volume.affineRasMm, 'RAS'));
      const labels = resample(volume, grid, nearest);
      expect(labels.voxels).toBeInstanceOf(Int16Array);
      expect(worldMap(labels)).toEqual(worldMap(volume));
      const values = resample(volume, grid, linear).voxels;
      const turned = reorient(volume, 'RAS').voxels;
      for (let n = 0; n < values.length; n++) expect(values[n]).toBeCloseTo(turned[n]!, 4);
    }
  });

  test('nearest takes the nearest centre, by brute force', () => {
    const source = countedVolume({ size: [5, 6, 4], affineRasMm: tilted(affineOf('LPS', [1.3, 0.9, 2]), 25) });
    const places = [...worldMap(source)].map(([place, value]) => ({
      at: place.split(',').map((p) => Number(p) / 1e6),
      value,
    }));
    const grid = gridWithSpacing(source, [0.61, 0.53, 0.71]);
    const found = worldMap(resample(source, grid, nearest));
    for (const [place, value] of found) {
      const at = place.split(',').map((p) => Number(p) / 1e6);
      // the grids' axes are parallel, so the nearest in the voxel box is the nearest in the world
      const distances = places.map((other) => Math.hypot(...[0, 1, 2].map((x) => other.at[x]! - at[x]!)));
      const best = Math.min(...distances);
      const chosen = places.findIndex((other) => other.value === value);
      expect(distances[chosen]).toBeLessThan(best + 1e-4);
    }
  });

  test('outside the field of view, and only there, the outside value stands', () => {
    const source = worldVolume({ size: [4, 4, 4], affineRasMm: affineOf('RAS', [1, 1, 1]) }, () => 5);
    const start = transformPoint(source.affineRasMm, [-1.25, 0, 0]);
    const row = (n: 0 | 1 | 2, step: readonly number[]) => [...step, start[n]] as never;
    const grid: Grid = { size: [13, 1, 1], affineRasMm: [row(0, [0.5, 0, 0]), row(1, [0, 1, 0]), row(2, [0, 0, 1])] };
    const inside = (x: number) => x >= -0.5 && x <= 3.5;
    const expected = Array.from({ length: 13 }, (_, n) => inside(-1.25 + n / 2));
    expect(Array.from(resample(source, grid, linear).voxels, (v) => v === 5)).toEqual(expected);
    expect(Array.from(resample(source, grid, nearest).voxels, (v) => v === 5)).toEqual(expected);
  });
});

describe('gridWithSpacing', () => {
  test('has the spacing, covers the field of view, and stays inside it with its centres', () => {
    for (const spacing of [
      [0.4, 0.9, 1.7],
      [3, 5, 11],
      [1, 2, 3],
    ] as const) {
      for (const code of allOrientations) {
        const grid: Grid = { size: [9, 7, 8], affineRasMm: tilted(affineOf(code, [1, 2, 3]), 8) };
        const other = gridWithSpacing(grid, spacing);
        for (const axis of [0, 1, 2] as const) {
          expect(spacingMm(other)[axis]).toBeCloseTo(spacing[axis], 9);
          const [old, covered] = [fieldOfViewMm(grid)[axis], fieldOfViewMm(other)[axis]];
          expect(covered).toBeGreaterThan(old - 0.011 * spacing[axis]);
          expect(covered).toBeLessThan(old + spacing[axis]);
        }
        expect(
          resample(
            worldVolume(grid, () => 1),
            other,
            linear,
          ).voxels.every((value) => value === 1),
        ).toBe(true);
      }
    }
  });

  test('its own spacing gives the same grid', () => {
    const grid: Grid = { size: [9, 7, 8], affineRasMm: tilted(affineOf('PIR'), 8) };
    expect(sameGrid(gridWithSpacing(grid, [1, 2, 3]), grid)).toBe(true);
  });
});

test('a voxel of 1 x 2 x 3 mm has 0.006 ml, however it lies', () => {
  for (const code of allOrientations) {
    expect(voxelVolumeMl({ size: [1, 1, 1], affineRasMm: tilted(affineOf(code), 33) })).toBeCloseTo(0.006, 12);
  }
});
