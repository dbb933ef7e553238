import { describe, expect, test } from 'vitest';
import { affineOf, allOrientations, countedVolume, tilted, worldMap } from '../../../tests/imaging-oracle.ts';
import type { Vec3 } from '../volume.ts';
import { transformPoint } from './affine.ts';
import { type BoxRasMm, blockOfBox, extractBlock, pad, returnBlock } from './block.ts';

const places = allOrientations.flatMap((code) => [affineOf(code), tilted(affineOf(code), 23)]);

describe('blocks', () => {
  test('a crop is a subset of the world, a pad a superset', () => {
    for (const affineRasMm of places) {
      const volume = countedVolume({ size: [4, 3, 5], affineRasMm }, 2);
      const world = worldMap(volume);
      const cropped = extractBlock(volume, { start: [1, 0, 2], size: [2, 3, 2] });
      expect(cropped.voxels.length).toBe(2 * 3 * 2 * 2);
      for (const [place, value] of worldMap(cropped)) expect(world.get(place)).toBe(value);
      const padded = worldMap(pad(volume, { before: [1, 0, 2], after: [0, 1, 1], outside: -7 }));
      for (const [place, value] of world) expect(padded.get(place)).toBe(value);
      const added = [...padded].filter(([place]) => !world.has(place));
      expect(added.length).toBe(2 * (5 * 4 * 8 - 4 * 3 * 5));
      expect(added.every(([, value]) => value === -7)).toBe(true);
    }
  });

  test('a block goes back to where it was', () => {
    const whole = countedVolume({ size: [4, 3, 5], affineRasMm: tilted(affineOf('LIA'), 12) });
    const block = { start: [1, -1, 2], size: [2, 3, 9] } as const;
    const back = returnBlock(extractBlock(whole, block), block, whole);
    expect(back.affineRasMm).toEqual(whole.affineRasMm);
    const expected = whole.voxels.map((value, n) => {
      const [i, j, k] = [n % 4, Math.floor(n / 4) % 3, Math.floor(n / 12)];
      return i >= 1 && i < 3 && j < 2 && k >= 2 ? value : 0;
    });
    expect(back.voxels).toEqual(expected);
  });

  test('a box takes exactly the voxels whose centres it holds when it is cut between them', () => {
    for (const code of allOrientations) {
      const affineRasMm = affineOf(code);
      const volume = countedVolume({ size: [4, 5, 6], affineRasMm });
      const [a, b] = [transformPoint(affineRasMm, [0.6, 1.6, 1.6]), transformPoint(affineRasMm, [2.4, 3.4, 4.4])];
      expect(blockOfBox(volume, [...a, ...b])).toEqual({ start: [1, 2, 2], size: [2, 2, 3] });
    }
  });

  test('faces on voxel borders take no voxel more, and half a voxel outside is clipped', () => {
    const volume = countedVolume({ size: [4, 5, 6], affineRasMm: affineOf('RAS', [1, 1, 1]) });
    const at = (v: Vec3) => transformPoint(volume.affineRasMm, v);
    const box: BoxRasMm = [...at([0.5, 0.5, -3]), ...at([2.5, 2.5, 2.5])];
    expect(blockOfBox(volume, box)).toEqual({ start: [1, 1, 0], size: [2, 2, 3] });
  });

  test('on an oblique grid the block holds every voxel of the box', () => {
    const volume = countedVolume({ size: [20, 20, 20], affineRasMm: tilted(affineOf('RAS', [1, 1, 1]), 30) });
    const [x, y, z] = transformPoint(volume.affineRasMm, [10, 10, 10]);
    const cropped = worldMap(extractBlock(volume, blockOfBox(volume, [x - 2, y - 3, z - 4, x + 2, y + 3, z + 4])));
    const inBox = [...worldMap(volume)].filter(([place]) => {
      const [px, py, pz] = place.split(',').map((part) => Number(part) / 1e6);
      return Math.abs(px! - x) <= 2 && Math.abs(py! - y) <= 3 && Math.abs(pz! - z) <= 4;
    });
    expect(inBox.length).toBeGreaterThan(100);
    for (const [place, value] of inBox) expect(cropped.get(place)).toBe(value);
  });

  test('a box beside the scan is refused, and the error says where the scan is', () => {
    const volume = countedVolume({ size: [4, 5, 6], affineRasMm: affineOf('RAS', [1, 1, 1]) });
    expect(() => blockOfBox(volume, [100, 100, 100, 110, 110, 110])).toThrow(
      /-11\.5, 7\.3, 31\.0 to -8\.5, 11\.3, 36\.0/,
    );
  });
});
