import { expect, test } from 'vitest';
import { derive, rootKey } from '../../tensors/random.ts';
import { smoothField } from './smooth-field.ts';

const sides = [25, 17, 33] as const;
const spacing = [8, 8, 8] as const;

test('normals of the deviation at control points, over many fields', () => {
  let [sum, squares, count] = [0, 0, 0];
  for (let draw = 0; draw < 60; draw++) {
    const field = smoothField(sides, { deviation: 3, controlSpacing: spacing }, derive(rootKey(0), draw));
    for (let d = 0; d < 25; d += 8)
      for (let h = 0; h < 17; h += 8)
        for (let w = 0; w < 33; w += 8) {
          const value = field[(d * 17 + h) * 33 + w]!;
          sum += value;
          squares += value * value;
          count++;
        }
  }
  expect(Math.abs(sum / count)).toBeLessThan((4 * 3) / Math.sqrt(count));
  expect(Math.abs(squares / count / 9 - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
});

test('smooth: the slope has no jumps', () => {
  const field = smoothField(sides, { deviation: 1, controlSpacing: spacing }, rootKey(1));
  let greatest = 0;
  for (let n = 0; n < field.length; n++) {
    if (n % 33 < 1 || n % 33 > 31) continue;
    greatest = Math.max(greatest, Math.abs(field[n - 1]! - 2 * field[n]! + field[n + 1]!));
  }
  expect(greatest).toBeLessThan(0.35); // a linear field would have 4 deviations / 8 at a control point
  expect(greatest).toBeGreaterThan(0);
});

test('depends on the key alone; spacing greater than the field is fine', () => {
  const make = (key: number) => smoothField([3, 4, 5], { deviation: 1, controlSpacing: [50, 2.5, 9] }, rootKey(key));
  expect(make(1)).toEqual(make(1));
  expect(make(1)).not.toEqual(make(2));
  expect(make(1).every(Number.isFinite)).toBe(true);
});
