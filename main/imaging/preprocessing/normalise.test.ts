import { expect, test } from 'vitest';
import { normalise } from './normalise.ts';

const plan = { kind: 'z-score', lowPercentile: 0.5, highPercentile: 99.5 } as const;
const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationOf = (values: Float32Array) => Math.sqrt(meanOf(values.map((value) => (value - meanOf(values)) ** 2)));

test('mean 0, deviation 1, and the outliers clipped', () => {
  const values = Float32Array.from({ length: 1001 }, (_, n) => n + 1);
  values[500] = 1e9;
  const result = normalise(values, plan, 'x');
  expect(meanOf(result)).toBeCloseTo(0, 5);
  expect(deviationOf(result)).toBeCloseTo(1, 5);
  expect(result[500]).toBe(Math.max(...result.filter((_, n) => n !== 500)));
  expect(result[0]).toBe(result[4]); // below the 0.5th percentile, which lies on the sixth of 1001
  expect(result[5]).toBeLessThan(result[6]!);
});

test('the zeros of a masked image take no part in the figures but are transformed too', () => {
  const brain = Array.from({ length: 600 }, (_, n) => 100 + n);
  const masked = normalise(Float32Array.from([...brain, ...new Array(400).fill(0)]), plan, 'x');
  const alone = normalise(Float32Array.from(brain), plan, 'x');
  expect(masked.subarray(0, 600)).toEqual(alone);
  expect(masked[999]).toBe(alone[0]);
});

test('a few zeros are intensities like others', () => {
  const values = Float32Array.from([...Array.from({ length: 800 }, (_, n) => 100 + n), ...new Array(200).fill(0)]);
  expect(meanOf(normalise(values, plan, 'x'))).toBeCloseTo(0, 5);
});

test('an image of one value is refused', () => {
  expect(() => normalise(new Int16Array(50).fill(7), plan, 'blank.nii')).toThrow(
    /blank\.nii: all its voxels have one value/,
  );
  expect(() => normalise(new Int16Array(50), plan, 'blank.nii')).toThrow(/one value/);
});
