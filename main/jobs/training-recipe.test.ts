import { expect, test } from 'vitest';
import { augmentationOf, parseRecipe } from './training-recipe.ts';

const even: Parameters<typeof augmentationOf>[1] = { spacingMm: [1, 1, 1] };

test('mirror images lie left to right, as often as asked for; without, augmentation stays as it was given', () => {
  expect(augmentationOf(parseRecipe({ mirror: 0.5 }), even).spatial.mirror).toEqual([0, 0, 0.5]); // W is the RAS grid's left to right
  const { augmentation } = parseRecipe({});
  const own = { ...augmentation, spatial: { ...augmentation.spatial, mirror: [0.1, 0, 0] as const } };
  expect(augmentationOf(parseRecipe({ augmentation: own }), even)).toEqual(own);
});

test('rotations and deformations are in the millimetres of the plan, slices first', () => {
  const { spatial } = augmentationOf(parseRecipe({}), { spacingMm: [0.8, 0.9, 5] });
  expect(spatial.spacingMm).toEqual([5, 0.9, 0.8]);
});
