import { expect, test } from 'vitest';
import { augmentationOf, parseRecipe } from './training-recipe.ts';

test('mirror images lie left to right, as often as asked for; without, augmentation stays as it was given', () => {
  expect(augmentationOf(parseRecipe({ mirror: 0.5 })).spatial.mirror).toEqual([0, 0, 0.5]); // W is the RAS grid's left to right
  const { augmentation } = parseRecipe({});
  const own = { ...augmentation, spatial: { ...augmentation.spatial, mirror: [0.1, 0, 0] as const } };
  expect(augmentationOf(parseRecipe({ augmentation: own }))).toEqual(own);
});
