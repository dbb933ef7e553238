import { z } from 'zod';
import { augmentationSettingsSchema, defaultAugmentation } from '../numerics/training/augmentation/augmentation-settings.ts';

/** The one recipe that every method shares, so that a comparison compares methods. Stored with each model. */
export const recipeSchema = z.object({
  batch: z.number().int().positive().default(2),
  rate: z.number().positive().default(1e-3),
  /** Steps where neither steps, epochs nor minutes are asked for. */
  steps: z.number().int().positive().default(1000),
  size: z.enum(['short', 'full']).default('short'),
  members: z.number().int().positive().default(5),
  beta: z.number().nonnegative().default(0.01),
  noise: z.enum(['weights', 'activations']).default('weights'),
  slicesPerStep: z.number().int().positive().default(1024),
  start: z.enum(['prior', 'source', 'normal']).default('prior'),
  startDeviation: z.number().positive().default(0.2),
  pull: z.number().nonnegative().default(1e-2),
  decay: z.number().nonnegative().default(0),
  /** Its patch and spacing are set from the plan. */
  augmentation: augmentationSettingsSchema.default(defaultAugmentation),
});
export type Recipe = z.infer<typeof recipeSchema>;
