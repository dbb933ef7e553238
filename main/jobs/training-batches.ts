import type { PreprocessingPlan } from '../../contract/model.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { RandomKey } from '../numerics/tensors/random.ts';
import { exampleBatches } from './example-batches.ts';
import type { PreparedCase } from './labelled-cases.ts';
import { augmentationOf, type Recipe } from './training-recipe.ts';

/** A network, and the prepared scans that it learns from by a recipe. */
export interface TrainingData {
  readonly net: UnetArchitecture;
  readonly plan: PreprocessingPlan;
  readonly training: readonly PreparedCase[];
  readonly recipe: Recipe;
}

/** Batches of prepared scans, augmented as the recipe says. */
export const trainingBatches = (
  { net, plan, training, recipe }: TrainingData,
  key: RandomKey,
): ReturnType<typeof exampleBatches> =>
  exampleBatches({
    caseCount: training.length,
    caseAt: async (number) => training[number]!,
    channels: net.inputChannels,
    classes: net.classes,
    patch: sidesOf(plan),
    batch: recipe.batch,
    augmentation: augmentationOf(recipe, plan),
    pool: recipe.pool,
    key,
  });

/** Patch sides in tensor order, D H W = k j i. */
export const sidesOf = ({ patchSize: [i, j, k] }: PreprocessingPlan) => [k, j, i] as const;
