import { expect, test } from 'vitest';
import { intervalHalfWidth, studentQuantile } from './interval-over-runs.ts';

test.each([
  [1, 12.7062],
  [2, 4.3027],
  [3, 3.1824],
  [4, 2.7764],
  [5, 2.5706],
  [9, 2.2622],
  [30, 2.0423],
])('the 97.5 %% quantile of Student’s t for %i degrees of freedom is that of the tables', (freedom, expected) => {
  expect(studentQuantile(0.975, freedom)).toBeCloseTo(expected, 4);
});

test('the interval of a mean over five runs', () => {
  expect(intervalHalfWidth(0.01, 5)).toBeCloseTo((2.7764 * 0.01) / Math.sqrt(5), 6);
  expect(intervalHalfWidth(0.01, 1)).toBeNaN();
});
