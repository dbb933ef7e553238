import { expect, test } from 'vitest';
import { resampleLabels, resampleLinear } from './resample.ts';

const size = [3, 4, 5] as const;
const places = Array.from({ length: 60 }, (_, n) => [Math.floor(n / 20), Math.floor(n / 5) % 4, n % 5] as const);

test('a linear function is reproduced between voxels and held beyond them', () => {
  const image = Float32Array.from(places.flatMap(([d, h, w]) => [d + 2 * h - w, 7 * w]));
  const positions = Float32Array.from([0.25, 1.5, 2.75, 1, 2, 3, -4, 0, 9, 2, 3, 4]);
  expect([...resampleLinear(image, size, 2, positions)]).toEqual([0.25 + 3 - 2.75, 7 * 2.75, 2, 21, -4, 28, 4, 28]);
});

test('labels keep their value at voxels and take the strongest between them', () => {
  const labels = Uint8Array.from(places, ([d, h, w]) => (d * 7 + h * 3 + w) % 4);
  expect(resampleLabels(labels, size, Float32Array.from(places.flat()))).toEqual(labels);
  const split = Uint16Array.from(places, ([, , w]) => (w < 2 ? 300 : 500));
  expect([...resampleLabels(split, size, Float32Array.from([1, 1, 1.4, 1, 1, 1.6, 0.5, 0.5, 1.45]))]).toEqual([
    300, 500, 300,
  ]);
});

test('three against one: two weak neighbours of one label beat a stronger single one', () => {
  const labels = Uint8Array.from([1, 2, 2, 3]); // [1, 2, 2]
  expect([...resampleLabels(labels, [1, 2, 2], Float32Array.from([0, 0.4, 0.4]))]).toEqual([2]); // 0.36, 0.48, 0.16
});

test('beyond the scan: the edge, or 0 where asked for', () => {
  const labels = new Uint8Array(60).fill(9);
  const positions = Float32Array.from([-3, 1, 1, 1, 3.4, 1, 1, 3.6, 1]);
  expect([...resampleLabels(labels, size, positions)]).toEqual([9, 9, 9]);
  expect([...resampleLabels(labels, size, positions, 'zero')]).toEqual([0, 9, 0]);
});
