import { expect, test } from 'vitest';
import type { Sides } from '../tensors/patches.ts';
import { normals, rootKey } from '../tensors/random.ts';
import { type Acquisition, acquire, foreignAcquisition } from './acquisition.ts';

const sides: Sides = [20, 12, 12];
const scan = Float32Array.from(normals(rootKey(3), 20 * 12 * 12), (x) => 100 + 20 * x);
const plain: Acquisition = {
  reversed: false,
  gamma: 1,
  field: { deviation: 0, controlSpacing: 20 },
  thickness: { axis: 0, factor: 1 },
  noise: 0,
};
const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('alone, each part does what it says', () => {
  const same = acquire(scan, sides, plain, rootKey(1));
  const order = (values: Float32Array) => values[0]! < values[1]!;
  expect(order(same)).toBe(order(scan));
  expect(Math.min(...same)).toBe(0);
  expect(Math.max(...same)).toBe(1);
  const reversed = acquire(scan, sides, { ...plain, reversed: true }, rootKey(1));
  for (const n of [5, 99, 1000]) expect(reversed[n]).toBeCloseTo(1 - same[n]!, 5);
  expect(meanOf(acquire(scan, sides, { ...plain, gamma: 2 }, rootKey(1)))).toBeLessThan(meanOf(same) - 0.1);
  const steps = (values: Float32Array, stride: number) =>
    meanOf(values.slice(0, -stride).map((value, n) => (values[n + stride]! - value) ** 2));
  const thick = acquire(scan, sides, { ...plain, thickness: { axis: 0, factor: 3 } }, rootKey(1));
  expect(steps(thick, 144)).toBeLessThan(0.3 * steps(same, 144));
  const noise = acquire(scan, sides, { ...plain, noise: 0.05 }, rootKey(1)).map((value, n) => value - same[n]!);
  expect(Math.sqrt(meanOf(noise.map((value) => value ** 2)))).toBeCloseTo(0.05, 2);
});

test('depends on the key alone, and leaves the scan as it was', () => {
  const before = scan.slice();
  const first = acquire(scan, sides, foreignAcquisition, rootKey(1));
  expect(acquire(scan, sides, foreignAcquisition, rootKey(1))).toEqual(first);
  expect(acquire(scan, sides, foreignAcquisition, rootKey(2))).not.toEqual(first);
  expect(scan).toEqual(before);
  expect(first.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
});
