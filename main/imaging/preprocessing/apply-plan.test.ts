import { describe, expect, test } from 'vitest';
import { affineOf, allOrientations, countedVolume, tilted, worldVolume } from '../../../tests/imaging-oracle.ts';
import { voxelCount } from '../geometry/grids.ts';
import { orientationCode } from '../geometry/orientation.ts';
import type { Grid, Volume } from '../volume.ts';
import { applyPlan, applyPlanToLabels } from './apply-plan.ts';
import { makePlan } from './make-plan.ts';
import { toNative } from './to-native.ts';

const planOf = (grid: Grid, channels = 1) =>
  makePlan([{ channels: Array.from({ length: channels }, () => ({ ...grid, components: 1 })) }]);
const wave = (grid: Grid) => worldVolume(grid, ([x, y, z]) => Math.sin(x / 5) + Math.cos(y / 7) + z / 40);
/** A ball of label 2 in a larger ball of label 1. */
const balls = (grid: Grid): Volume<Uint8Array> => {
  const distances = worldVolume(grid, ([x, y, z]) => Math.hypot(x, y, z));
  return { ...distances, voxels: Uint8Array.from(distances.voxels, (r) => (r < 6 ? 2 : r < 11 ? 1 : 0)) };
};
const placed = (code: string, degrees: number, spacing = 1): Grid => {
  const affine = tilted(affineOf(code, [spacing, spacing, spacing]), degrees);
  const size = [24, 26, 28] as const;
  const middle = affine.map((row) => row[0] * 11.5 + row[1] * 12.5 + row[2] * 13.5);
  return { size, affineRasMm: affine.map((row, x) => [row[0], row[1], row[2], -middle[x]!]) as never };
};

describe('applyPlan', () => {
  test('labels through the plan and back are the same, 48 orientations, straight and tilted', () => {
    for (const code of allOrientations) {
      for (const degrees of [0, 15]) {
        const grid = placed(code, degrees);
        const labels = balls(grid);
        const scan = applyPlan([wave(grid)], planOf(grid));
        const back = toNative(scan.placement, applyPlanToLabels(labels, planOf(grid)).voxels, 'labels');
        expect(Buffer.compare(back.voxels, labels.voxels)).toBe(0);
        expect(back.affineRasMm).toEqual(grid.affineRasMm);
        expect(back.size).toEqual(grid.size);
      }
    }
  });

  test('the tensor is [D, H, W, C] in RAS, z slowest, channels interleaved', () => {
    const grid: Grid = { size: [3, 4, 5], affineRasMm: affineOf('RAS', [1, 1, 1]) };
    const [first, second] = [worldVolume(grid, ([, , z]) => z), worldVolume(grid, ([x]) => x)];
    const { tensor, size } = applyPlan([first, second], planOf(grid, 2));
    expect(size).toEqual([5, 4, 3]);
    const at = (d: number, h: number, w: number, c: number) => tensor[((d * 4 + h) * 3 + w) * 2 + c]!;
    expect(at(4, 0, 0, 0)).toBeGreaterThan(at(3, 3, 2, 0));
    expect(at(2, 1, 2, 1)).toBeGreaterThan(at(2, 1, 1, 1));
    expect(at(2, 1, 1, 1)).toBe(at(4, 3, 1, 1));
  });

  test('the same scan in any orientation gives the same tensor', () => {
    const straight: Grid = { size: [8, 8, 8], affineRasMm: affineOf('RAS', [1, 1, 1]) };
    const reference = applyPlan([wave(straight)], planOf(straight));
    for (const code of allOrientations) {
      const turned = affineOf(code, [1, 1, 1]);
      const corner = (x: number) =>
        straight.affineRasMm[x]![3] - Math.min(0, 7 * (turned[x]![0] + turned[x]![1] + turned[x]![2]));
      const grid: Grid = {
        size: [8, 8, 8],
        affineRasMm: turned.map((row, x) => [row[0], row[1], row[2], corner(x)]) as never,
      };
      const { tensor } = applyPlan([wave(grid)], planOf(straight));
      expect(Math.max(...tensor.map((value, n) => Math.abs(value - reference.tensor[n]!)))).toBeLessThan(1e-5);
    }
  });

  test('a spacing within 1 % is kept, one beyond is resampled', () => {
    const grid = placed('LPS', 0);
    const plan = planOf(grid);
    const near = { ...plan, spacingMm: [1.009, 1, 1] as [number, number, number] };
    const far = { ...plan, spacingMm: [1.02, 1, 1] as [number, number, number] };
    expect(applyPlan([wave(grid)], near).grid.size).toEqual([24, 26, 28]);
    expect(applyPlan([wave(grid)], far).placement.resampled).toBe(true);
  });

  test('resampled labels return to the native grid all but at their border', () => {
    for (const code of ['RAS', 'LIA', 'SPR']) {
      const grid = placed(code, 15, 1);
      const plan = { ...planOf(grid), spacingMm: [0.8, 0.7, 0.9] as [number, number, number] };
      const labels = balls(grid);
      const scan = applyPlan([wave(grid)], plan);
      const prepared = applyPlanToLabels(labels, plan);
      expect(prepared.size).toEqual(scan.grid.size);
      expect(orientationCode(scan.grid.affineRasMm)).toBe('RAS');
      const back = toNative(scan.placement, prepared.voxels, 'labels').voxels;
      const wrong = back.filter((value, n) => value !== labels.voxels[n]).length;
      expect(wrong / labels.voxels.filter((value) => value > 0).length).toBeLessThan(0.03);
    }
  });

  test('probabilities come back as K components: exactly turned, or interpolated and summing to 1', () => {
    const grid = placed('PIR', 10);
    for (const spacing of [1, 1.6]) {
      const plan = { ...planOf(grid), spacingMm: [spacing, 1, 1] as [number, number, number] };
      const scan = applyPlan([wave(grid)], plan);
      const voxels = voxelCount(scan.grid);
      const foreground = applyPlanToLabels(wave(grid), plan).voxels.map((value) => 1 / (1 + Math.exp(-value)));
      const interleaved = Float32Array.from({ length: 2 * voxels }, (_, n) =>
        Math.abs(1 - (n % 2) - foreground[n >> 1]!),
      );
      const back = toNative(scan.placement, interleaved, 'probabilities');
      const count = voxelCount(grid);
      const into = new Float32Array(2 * count);
      expect(toNative(scan.placement, interleaved, 'probabilities', into)).toEqual(back);
      expect(into).toEqual(back.voxels);
      expect(back.components).toBe(2);
      const truth = wave(grid).voxels.map((value) => 1 / (1 + Math.exp(-value)));
      for (let n = 0; n < count; n += 7) {
        expect(back.voxels[n]! + back.voxels[n + count]!).toBeCloseTo(1, 6);
        expect(Math.abs(back.voxels[n + count]! - truth[n]!)).toBeLessThan(spacing === 1 ? 1e-7 : 0.1);
      }
    }
  });

  test('a 4-D image counts as its channels; a wrong number is refused', () => {
    const grid: Grid = { size: [3, 4, 5], affineRasMm: affineOf('RAS', [1, 1, 1]) };
    const both = applyPlan([countedVolume(grid, 2)], planOf(grid, 2));
    expect(both.tensor.length).toBe(120);
    expect(() => applyPlan([countedVolume(grid)], planOf(grid, 2))).toThrow(
      expect.objectContaining({ code: 'data/channel-count' }),
    );
  });

  test('channels on different grids are refused', () => {
    const grid: Grid = { size: [3, 4, 5], affineRasMm: affineOf('RAS', [1, 1, 1]) };
    const shifted = { ...countedVolume(grid), affineRasMm: affineOf('LAS', [1, 1, 1]) };
    expect(() => applyPlan([countedVolume(grid), shifted], planOf(grid, 2))).toThrow(
      expect.objectContaining({ code: 'geometry/channels' }),
    );
  });
});
