import { describe, expect, it } from 'vitest';
import { fillBetween } from './fill-between.ts';
import { grow, islandAt, keepLargest, partsOf, protect, removeIsland, type Size, smooth } from './label-operations.ts';

/** Voxels as written, i to the right, j down, slices after each other. */
function scene(...slices: readonly (readonly string[])[]): { readonly labels: Uint8Array; readonly size: Size } {
  const size = [slices[0]![0]!.length, slices[0]!.length, slices.length] as const;
  return { labels: Uint8Array.from(slices.flat().join(''), Number), size };
}
const shown = (labels: Uint8Array, [ni, nj]: Size) =>
  Array.from({ length: labels.length / ni }, (_, row) => labels.slice(row * ni, (row + 1) * ni).join('')).reduce<
    string[][]
  >((slices, row, n) => {
    if (n % nj === 0) slices.push([]);
    slices.at(-1)!.push(row);
    return slices;
  }, []);
const count = (labels: Uint8Array, label: number) => labels.filter((one) => one === label).length;

describe('islands', () => {
  const { labels, size } = scene(['11001', '00001', '20100'], ['10000', '00000', '20010']);

  it('are joined by faces, not by corners, nor around the border of the scan', () => {
    expect(partsOf(labels, size, 1).map((part) => part.length)).toEqual([3, 2, 1, 1]);
    expect(partsOf(labels, size, 2).map((part) => part.length)).toEqual([2]);
    expect(islandAt(labels, size, 0).sort((a, b) => a - b)).toEqual([0, 1, 15]);
    expect(islandAt(labels, size, 2)).toEqual([]); // background is no island
  });

  it('go one by one, or all but the largest, and others stay', () => {
    expect(shown(removeIsland(labels, size, 4), size)).toEqual([
      ['11000', '00000', '20100'],
      ['10000', '00000', '20010'],
    ]);
    expect(shown(keepLargest(labels, size, 1), size)).toEqual([
      ['11000', '00000', '20000'],
      ['10000', '00000', '20000'],
    ]);
  });
});

describe('locked structures', () => {
  it('keep every voxel they have, whatever was done', () => {
    const before = Uint8Array.of(0, 1, 2, 1, 0);
    const after = Uint8Array.of(2, 2, 0, 0, 1);
    expect([...protect(before, after, [1])]).toEqual([2, 1, 0, 1, 1]);
    expect([...protect(before, after, [1, 2])]).toEqual([2, 1, 2, 1, 1]);
    expect(protect(before, after, [])).toEqual(after);
  });
});

describe('smoothing', () => {
  const plate = scene(
    ['0000000', '0000000', '0000000', '0000000', '0000000'],
    ['0000000', '0111110', '0111110', '0111110', '0000000'],
    ['0000000', '0000000', '0000000', '0000000', '0000000'],
  );

  it('removes specks and fills dents, and leaves other labels', () => {
    const { labels, size } = scene(
      ['00000', '01000', '00000'],
      ['00000', '00000', '00002'],
      ['00000', '00000', '00000'],
    );
    expect(count(smooth(labels, size, { label: 1, spacingMm: [1, 1, 1] }), 1)).toBe(0);
    expect(count(smooth(labels, size, { label: 1, spacingMm: [1, 1, 1] }), 2)).toBe(1);
    const cube = new Uint8Array(125).fill(1);
    cube[62] = 0;
    expect(count(smooth(cube, [5, 5, 5], { label: 1, spacingMm: [1, 1, 1] }), 1)).toBe(125);
    cube[62] = 2;
    expect(count(smooth(cube, [5, 5, 5], { label: 1, spacingMm: [1, 1, 1] }), 2)).toBe(1);
  });

  it('wears a plate of one slice away between even voxels, but not where slices are ten times as thick', () => {
    expect(count(smooth(plate.labels, plate.size, { label: 1, spacingMm: [1, 1, 1] }), 1)).toBe(0);
    const thick = smooth(plate.labels, plate.size, { label: 1, spacingMm: [0.5, 0.5, 5] });
    expect(count(thick, 1)).toBeGreaterThanOrEqual(11); // its corners may go
    expect(thick.slice(0, 35).every((one) => one === 0)).toBe(true);
  });

  it('counts only voxels that are there at the border', () => {
    const all = new Uint8Array(27).fill(1);
    expect(smooth(all, [3, 3, 3], { label: 1, spacingMm: [1, 2, 3] })).toEqual(all);
  });
});

describe('growing', () => {
  const size = [6, 1, 1] as const;
  const values = [10, 12, 11, 40, 11, 12];

  it('goes over like values up to what differs, and through its own label', () => {
    const from = (labels: number[], seed: number) =>
      [...grow(Uint8Array.from(labels), values, { size, seed, label: 1, tolerance: 3, most: 100 }).labels].join('');
    expect(from([0, 0, 0, 0, 0, 0], 0)).toBe('111000');
    expect(from([1, 1, 0, 0, 0, 0], 0)).toBe('111000');
    expect(from([0, 2, 0, 0, 0, 0], 0)).toBe('120000'); // another structure stops it
    expect(from([0, 0, 0, 0, 0, 0], 5)).toBe('000011');
  });

  it('stops at the most that it may take, and says so', () => {
    const grown = grow(new Uint8Array(6), [1, 1, 1, 1, 1, 1], { size, seed: 0, label: 1, tolerance: 0, most: 4 });
    expect(grown.hasLeaked).toBe(true);
    expect(count(grown.labels, 1)).toBe(4);
    expect(grow(new Uint8Array(6), values, { size, seed: 0, label: 1, tolerance: 3, most: 3 }).hasLeaked).toBe(false);
  });
});

describe('filling between slices', () => {
  it('of the same outline repeats it; between a small and a large one lies one between', () => {
    const square = ['0000000', '0111110', '0111110', '0111110', '0000000'];
    const point = ['0000000', '0000000', '0001000', '0000000', '0000000'];
    const empty = ['0000000', '0000000', '0000000', '0000000', '0000000'];
    const same = scene(square, empty, empty, square);
    const filled = fillBetween(same.labels, same.size, { label: 1, axis: 2, spacingMm: [1, 1, 4] });
    expect(shown(filled, same.size)).toEqual([square, square, square, square]);
    const cone = scene(point, empty, square);
    const between = count(fillBetween(cone.labels, cone.size, { label: 1, axis: 2, spacingMm: [1, 1, 1] }), 1) - 16;
    expect(between).toBeGreaterThan(1);
    expect(between).toBeLessThan(15);
  });

  it('leaves other labels between, drawn slices, and what lies beyond the last', () => {
    const { labels, size } = scene(
      ['000', '111', '000'],
      ['000', '020', '000'],
      ['000', '111', '000'],
      ['000', '000', '000'],
    );
    expect(shown(fillBetween(labels, size, { label: 1, axis: 2, spacingMm: [1, 1, 1] }), size)).toEqual([
      ['000', '111', '000'],
      ['000', '121', '000'],
      ['000', '111', '000'],
      ['000', '000', '000'],
    ]);
  });

  it('works along every axis alike', () => {
    const size = [5, 6, 7] as const;
    const box = (axis: 0 | 1 | 2) => {
      const labels = new Uint8Array(210);
      for (let n = 0; n < 210; n++) {
        const at = [n % 5, Math.floor(n / 5) % 6, Math.floor(n / 30)];
        const isEnd = at[axis] === 0 || at[axis] === 4;
        if (isEnd && at.every((part, one) => one === axis || (part >= 1 && part <= 3))) labels[n] = 1;
      }
      return labels;
    };
    for (const axis of [0, 1, 2] as const)
      expect(count(fillBetween(box(axis), size, { label: 1, axis, spacingMm: [1, 1, 1] }), 1)).toBe(45);
  });

  it('measures in mm, so that a line of long pixels meets its neighbour later than one of short ones', () => {
    const left = ['11000000000', '11000000000', '11000000000'];
    const right = ['00000001111', '00000001111', '00000001111'];
    const empty = ['00000000000', '00000000000', '00000000000'];
    const { labels, size } = scene(left, empty, right);
    const middle = (spacingMm: Size) => count(fillBetween(labels, size, { label: 1, axis: 2, spacingMm }), 1) - 6 - 12;
    expect(middle([1, 1, 1])).toBe(middle([3, 3, 1])); // the same picture, larger
    const bar = '01111111110';
    const none = '00000000000';
    const high = [bar, bar, bar, bar, bar, none, none, none];
    const stretched = scene(high, Array(8).fill(none), high.toReversed());
    const filled = (dy: number) =>
      count(fillBetween(stretched.labels, stretched.size, { label: 1, axis: 2, spacingMm: [1, dy, 1] }), 1) - 90;
    expect(filled(0.2)).toBeGreaterThan(filled(4)); // a row of the one is near the other, or further than the bar is wide
  });

  it('reaches the border of the scan', () => {
    const { labels, size } = scene(['11', '11'], ['00', '00'], ['11', '11']);
    expect(count(fillBetween(labels, size, { label: 1, axis: 2, spacingMm: [1, 1, 1] }), 1)).toBe(12);
  });
});
