import { authorsDiceWeight } from '../../numerics/tensors/fused/segmentation-loss.ts';
import { parseRecipe, type Recipe } from '../training-recipe.ts';
import type { SiteSettings } from './site-update-settings.ts';

/** What the finished cells had, whatever the product's defaults are. */
export const recipeOf = ({ patch, rate, members }: SiteSettings): Recipe =>
  parseRecipe({
    rate,
    members,
    diceWeight: authorsDiceWeight,
    slicesPerStep: 1024,
    temperature: 1,
    head: 'new',
    augmentation: augmentationOf(patch),
  });

const augmentationOf = ([i, j, k]: SiteSettings['patch']) => ({ ...parseRecipe({}).augmentation, patch: [k, j, i] });
