import { describe, expect, it } from 'vitest';
import { fillOutline } from './outline.ts';

const size = [12, 10, 8] as const;
const straight = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 2, 0],
] as const;
const grid = (rows: readonly (readonly number[])[]): Parameters<typeof fillOutline>[1] => ({
  size: [...size],
  affineRasMm: rows.map((row) => [...row]),
});
const placesOf = (labels: Uint8Array) => [...labels.keys()].filter((n) => labels[n]);
const at = (i: number, j: number, k: number) => i + size[0] * (j + size[1] * k);
const empty = () => new Uint8Array(size[0] * size[1] * size[2]);

describe('an outline', () => {
  const square = [
    [2.5, 2.5, 6],
    [5.5, 2.5, 6],
    [5.5, 4.5, 6],
    [2.5, 4.5, 6],
  ] as const;

  it('fills the voxels of its slice whose centres it goes around, whichever way it was drawn', () => {
    const expected = [3, 4, 5].flatMap((i) => [3, 4].map((j) => at(i, j, 3))).sort((a, b) => a - b);
    for (const corners of [square, square.toReversed()])
      expect(placesOf(fillOutline(empty(), grid(straight), { plane: 'axial', corners, label: 2 }))).toEqual(expected);
  });

  it('cuts, and leaves all else', () => {
    const full = empty().fill(1);
    const cut = fillOutline(full, grid(straight), { plane: 'axial', corners: square, label: 0 });
    expect(cut.filter((label) => label === 0)).toHaveLength(6);
    expect(full.every((label) => label === 1)).toBe(true);
  });

  it('fills a concave shape as it is, and a loop within a loop', () => {
    const horseshoe = [
      [0.5, 0.5, 4],
      [7.5, 0.5, 4],
      [7.5, 7.5, 4],
      [5.5, 7.5, 4],
      [5.5, 2.5, 4],
      [2.5, 2.5, 4],
      [2.5, 7.5, 4],
      [0.5, 7.5, 4],
    ] as const;
    const filled = fillOutline(empty(), grid(straight), { plane: 'axial', corners: horseshoe, label: 1 });
    expect([filled[at(4, 5, 2)], filled[at(1, 5, 2)], filled[at(6, 5, 2)], filled[at(4, 1, 2)]]).toEqual([0, 1, 1, 1]);
    const twice = fillOutline(empty(), grid(straight), { plane: 'axial', corners: [...square, ...square], label: 1 });
    expect(placesOf(twice)).toHaveLength(6);
  });

  it('is in each plane where it was drawn, also where the voxels are turned or tilted', () => {
    const tilted = [
      [0.9, -0.3, 0, 3],
      [0.3, 0.9, 0, -2],
      [0, 0, -2, 14],
    ] as const;
    for (const rows of [straight, tilted])
      for (const [plane, across] of [
        ['axial', 2],
        ['coronal', 1],
        ['sagittal', 0],
      ] as const) {
        const centre = [5, 4, 6] as const;
        const corners = Array.from({ length: 40 }, (_, n) => {
          const [cos, sin] = [3 * Math.cos((n * Math.PI) / 20), 3 * Math.sin((n * Math.PI) / 20)];
          const way = across === 2 ? [cos, sin, 0] : across === 1 ? [cos, 0, sin] : [0, cos, sin];
          return [centre[0] + way[0]!, centre[1] + way[1]!, centre[2] + way[2]!] as const;
        });
        const places = placesOf(fillOutline(empty(), grid(rows), { plane, corners, label: 1 }));
        expect(places.length, plane).toBeGreaterThan(5);
        for (const n of places) {
          const [i, j, k] = [n % size[0], Math.floor(n / size[0]) % size[1], Math.floor(n / (size[0] * size[1]))];
          const away = rows.map((row, axis) => row[0] * i + row[1] * j + row[2] * k + row[3] - centre[axis]!);
          const within = Math.hypot(...away.filter((_, axis) => axis !== across));
          expect(within).toBeLessThanOrEqual(3);
          expect(Math.abs(away[across]!)).toBeLessThanOrEqual(across === 2 ? 1 : 0.61);
        }
      }
  });

  it('of less than three corners changes nothing, and may lie partly outside', () => {
    expect(fillOutline(empty(), grid(straight), { plane: 'axial', corners: square.slice(0, 2), label: 1 })).toEqual(
      empty(),
    );
    const beyond = square.map(([x, y, z]) => [x * 10 - 40, y * 10 - 40, z] as const);
    const filled = placesOf(fillOutline(empty(), grid(straight), { plane: 'axial', corners: beyond, label: 1 }));
    expect(filled.every((n) => Math.floor(n / (size[0] * size[1])) === 3)).toBe(true);
    expect(filled).toHaveLength(12 * 5);
  });
});
