import { expect, test } from 'vitest';
import { labelDiversity } from './label-diversity.ts';

test('diversity is 0 where classes are equally frequent, log K where one class is all, and finite where one is missing', () => {
  expect(labelDiversity([7, 7, 7, 7])).toBeCloseTo(0, 12);
  expect(labelDiversity([0, 5, 0, 0])).toBeCloseTo(Math.log(4), 12);
  expect(labelDiversity([1, 1, 0])).toBeCloseTo(Math.log(3 / 2), 12);
  expect(labelDiversity([3, 1])).toBeCloseTo(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), 12);
});
