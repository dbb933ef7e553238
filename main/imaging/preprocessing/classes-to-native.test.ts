import { describe, expect, it } from 'vitest';
import type { PreprocessingPlan } from '../../../contract/model.ts';
import { voxelCount } from '../geometry/grids.ts';
import type { Grid } from '../volume.ts';
import { classesToNative } from './classes-to-native.ts';
import { placementFor } from './plan-grid.ts';
import { toNative } from './to-native.ts';

const oblique: Grid = {
  size: [17, 13, 9],
  affineRasMm: [
    [0.7, -0.2, 0.1, -12],
    [0.25, 0.8, -0.3, 4],
    [-0.05, 0.2, 2.2, 30],
  ],
};
const plan = (spacingMm: [number, number, number]) => ({ orientation: 'RAS', spacingMm }) as PreprocessingPlan;

/** Balls of two classes that touch each other and the border. */
function ballsOn({ size: [ni, nj, nk] }: Grid): Uint8Array {
  return Uint8Array.from({ length: ni * nj * nk }, (_, n) => {
    const at = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))] as const;
    const to = (x: number, y: number, z: number) => Math.hypot(at[0] - x * ni, at[1] - y * nj, at[2] - z * nk);
    return to(0.4, 0.5, 0.5) < 3.2 ? 1 : to(0.8, 0.6, 0.6) < 3.4 ? 2 : 0;
  });
}

/** The same by way of probabilities of the whole grid. */
function naive(placement: ReturnType<typeof placementFor>, classes: Uint8Array): Uint8Array {
  const hot = new Float32Array(3 * classes.length);
  for (const [n, one] of classes.entries()) hot[3 * n + one] = 1;
  const { voxels } = toNative(placement, hot, 'map');
  const count = voxels.length / 3;
  return Uint8Array.from({ length: count }, (_, n) => {
    const [one, two] = [voxels[n + count]!, voxels[n + 2 * count]!];
    const most = Math.max(one, two);
    return 1 - one - two >= most ? 0 : one >= two ? 1 : 2;
  });
}

describe('classes on the grid of the scan', () => {
  it.each([
    [0.9, 0.9, 0.9],
    [1.7, 1.1, 1.3],
    [0.5, 0.6, 2],
  ] as const)('interpolate as whole-grid probabilities do, from %f x %f x %f mm', (...spacingMm) => {
    const placement = placementFor(oblique, plan([...spacingMm]));
    expect(placement.resampled).toBe(true);
    const classes = ballsOn(placement.grid);
    const { voxels, size } = classesToNative(placement, classes);
    expect(size).toEqual(oblique.size);
    const wanted = naive(placement, classes);
    expect(wanted.filter((one) => one === 1).length).toBeGreaterThan(20);
    expect(wanted.filter((one) => one === 2).length).toBeGreaterThan(20);
    const differing = voxels.filter((one, n) => one !== wanted[n]).length;
    expect(differing).toBeLessThanOrEqual(1); // float32 sums in another order may tip a tie
  });

  it('is the bare turn where nothing was resampled, and empty where nothing was found', () => {
    const flipped: Grid = {
      size: [3, 4, 5],
      affineRasMm: [
        [-1, 0, 0, 9],
        [0, 0, 1, 0],
        [0, -1, 0, 0],
      ],
    };
    const placement = placementFor(flipped, plan([1, 1, 1]));
    const classes = ballsOn(placement.grid);
    expect(classesToNative(placement, classes).voxels).toEqual(toNative(placement, classes, 'labels').voxels);
    const resampled = placementFor(oblique, plan([1, 1, 1]));
    const empty = classesToNative(resampled, new Uint8Array(voxelCount(resampled.grid)));
    expect(empty.voxels.length).toBe(17 * 13 * 9);
    expect(Math.max(...empty.voxels)).toBe(0);
  });
});
