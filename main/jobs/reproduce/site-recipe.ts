import { authorsDiceWeight } from '../../numerics/tensors/fused/segmentation-loss.ts';
import { parseRecipe, type Recipe } from '../training-recipe.ts';
import type { SiteSettings } from './site-update-settings.ts';

/** One recipe whatever the product's defaults are: what is finished stays comparable with what is still to run. */
export const recipeOf = ({ patch, rate, members, lambda }: SiteSettings): Recipe =>
  parseRecipe({
    rate,
    members,
    lambda,
    batch: 2,
    beta: 0.01,
    noise: 'weights',
    start: 'source',
    startDeviation: 0.3,
    posteriorScale: 1,
    borderDeviation: 2.5,
    defence: 0.01,
    decay: 0,
    mirror: 0,
    pool: { size: 64, reuse: 1 },
    diceWeight: authorsDiceWeight,
    slicesPerStep: 1024,
    temperature: 1,
    head: 'new',
    augmentation: augmentationOf(patch),
  });

const augmentationOf = ([i, j, k]: SiteSettings['patch']) => ({ ...parseRecipe({}).augmentation, patch: [k, j, i] });

/** The part that every method uses: goes into the keys of runs, beside the settings that are a method's own. */
export function sharedRecipe(settings: SiteSettings): Omit<Recipe, 'lambda' | 'members'> {
  const { lambda: _lambda, members: _members, ...shared } = recipeOf(settings);
  return shared;
}
