import { expect, test } from 'vitest';
import { normals, rootKey } from '../../tensors/random.ts';
import { blur, blurAxis } from './blur.ts';
import { lowerResolution } from './lower-resolution.ts';

const sides = [9, 8, 7] as const;
const image = Float32Array.from(normals(rootKey(0), 504));
const axes = [0, 1, 2] as const;

test.each(axes)('along axis %d it is the Gaussian sum over clamped neighbours', (axis) => {
  const blurred = blurAxis(image, sides, axis, 0.9);
  const weights = [-3, -2, -1, 0, 1, 2, 3].map((n) => Math.exp(-0.5 * (n / 0.9) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let n = 0; n < image.length; n++) {
    const place = [Math.floor(n / 56), Math.floor(n / 7) % 8, n % 7];
    const sum = weights.reduce((soFar, weight, tap) => {
      const moved = place.map((at, other) =>
        other === axis ? Math.min(Math.max(at + tap - 3, 0), sides[axis] - 1) : at,
      );
      return soFar + weight * image[(moved[0]! * 8 + moved[1]!) * 7 + moved[2]!]!;
    }, 0);
    expect(blurred[n]).toBeCloseTo(sum / total, 5);
  }
});

test('a deviation of 0 changes nothing', () => {
  expect(blur(image, sides, [0, 0, 0])).toEqual(image);
});

test.each(axes)('lower resolution along axis %d keeps constants and slow ramps, and takes detail away', (axis) => {
  const constant = new Float32Array(504).fill(2.5);
  for (const value of lowerResolution(constant, sides, axis, 2)) expect(value).toBeCloseTo(2.5, 5);
  const variance = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0) / values.length;
  const lowered = lowerResolution(image, sides, axis, 3);
  expect(variance(lowered)).toBeLessThan(0.6 * variance(image));
  const long = Float32Array.from({ length: 60 }, (_, n) => n);
  const ramp = lowerResolution(long, [1, 1, 60], 2, 2);
  for (let n = 6; n < 54; n++) expect(ramp[n]).toBeCloseTo(n, 4);
});
