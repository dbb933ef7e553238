import { describe, expect, it } from 'vitest';
import { learningSlice } from './learning-slice.ts';

describe('the slice of a scan that is being learned', () => {
  it('holds most labels, seen from the feet with the front at the top', () => {
    const [depth, rows, columns] = [3, 4, 5];
    const count = depth * rows * columns;
    const labels = new Uint8Array(count);
    const at = (k: number, j: number, i: number) => (k * rows + j) * columns + i;
    labels[at(0, 0, 0)] = 1;
    labels[at(2, 3, 4)] = 2; // front and right
    labels[at(2, 3, 3)] = 1;
    const image = Float32Array.from({ length: 2 * count }, (_, n) => (n % 2 === 1 ? 999 : labels[n / 2]! > 0 ? 5 : 1));
    const probability = Float32Array.from({ length: 3 * count }, (_, n) =>
      n % 3 === 0 ? (labels[Math.floor(n / 3)]! > 0 ? 0.2 : 1) : 0,
    );
    const slice = learningSlice({ image, labels, size: [depth, rows, columns] }, probability, 3);
    expect([slice.columns, slice.rows]).toEqual([columns, rows]);
    expect([...slice.truth.subarray(0, 3)]).toEqual([255, 255, 0]);
    expect([...slice.foreground.subarray(0, 3)]).toEqual([204, 204, 0]);
    expect(slice.grey[0]).toBe(255);
    expect(slice.truth.filter((value) => value > 0)).toHaveLength(2);
  });
});
