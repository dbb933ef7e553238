import { expect, test } from 'vitest';
import { preprocessingPlanSchema } from '../../../contract/model.ts';
import { affineOf } from '../../../tests/imaging-oracle.ts';
import type { Vec3 } from '../volume.ts';
import { makePlan } from './make-plan.ts';

const one = (size: Vec3, code: string, spacingMm: Vec3, components = 1) => ({
  channels: [{ size, affineRasMm: affineOf(code, spacingMm), components }],
});

test('median spacing, the patch that holds the largest scan, and the range of sides, all along R, A, S', () => {
  const plan = makePlan([
    one([35, 50, 36], 'RAS', [1, 1, 1]),
    one([33, 41, 51], 'SRA', [1, 1, 1]),
    one([31, 48, 40], 'LPI', [1, 1, 2]),
  ]);
  expect(preprocessingPlanSchema.parse(plan)).toEqual(plan);
  expect(plan.spacingMm).toEqual([1, 1, 1]);
  expect(plan.fieldOfViewMm).toEqual({ low: [31, 48, 33], high: [41, 51, 80] });
  expect(plan.patchSize).toEqual([48, 56, 80]);
});

test('the patch keeps to its budget by its longest sides', () => {
  const { patchSize } = makePlan([one([240, 240, 155], 'LPS', [1, 1, 1])]);
  expect(patchSize).toEqual([64, 64, 64]);
  expect(makePlan([one([200, 200, 20], 'RAS', [1, 1, 1])]).patchSize).toEqual([104, 104, 24]);
});

test('one normalisation for each channel, 4-D images included', () => {
  expect(makePlan([one([8, 8, 8], 'RAS', [1, 1, 1], 4)]).normalisation.length).toBe(4);
});
