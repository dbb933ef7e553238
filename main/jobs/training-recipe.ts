import { z } from 'zod';
import { AppError } from '../../contract/errors/app-error.ts';
import type { ModelRecord, PreprocessingPlan } from '../../contract/model.ts';
import {
  type AugmentationSettings,
  augmentationSettingsSchema,
  defaultAugmentation,
} from '../numerics/training/augmentation/augmentation-settings.ts';

/** The one recipe that every method shares, so that a comparison compares methods. Stored with each model. */
export const recipeSchema = z.strictObject({
  batch: z.number().int().positive().default(2),
  /** Chosen for `ri` and `dwp` together on development scans: docs/results/ablation.md. */
  rate: z.number().positive().default(2e-3),
  /** Steps where neither steps, epochs nor minutes are asked for. */
  steps: z.number().int().positive().default(1000),
  /** Share of soft Dice in the loss; the rest is cross-entropy: docs/decisions/0010-half-cross-entropy.md. */
  diceWeight: z.number().min(0).max(1).default(0.5),
  size: z.enum(['short', 'full']).default('short'),
  members: z.number().int().positive().default(5),
  /** Of a mixture that is pursued on one set of scans. */
  components: z.number().int().positive().default(3),
  beta: z.number().nonnegative().default(0.01),
  noise: z.enum(['weights', 'activations']).default('weights'),
  slicesPerStep: z.number().int().positive().default(256),
  start: z.enum(['prior', 'source', 'normal']).default('source'),
  /** Of whatever starts from a source net: its head is fitted to the scans first, or begins at random. Chosen on development scans: docs/results/ablation.md. */
  head: z.enum(['fitted', 'new']).default('fitted'),
  startDeviation: z.number().positive().default(0.3),
  posteriorScale: z.number().positive().default(1),
  borderDeviation: z.number().nonnegative().default(2.5),
  /** Divides the logits of what is predicted; training does not know it. Chosen on development scans: docs/decisions/0012-temperature.md. */
  temperature: z.number().positive().default(2),
  /** Of `lowrank` alone. */
  covarianceScale: z.number().positive().default(10),
  /** Of three values the best on development scans: docs/results/ablation.md. */
  pull: z.number().nonnegative().default(1e-3),
  decay: z.number().nonnegative().default(0),
  /** MaxEntropy Pursuit against the components that a model has: `update` alone. */
  lambda: z.number().nonnegative().default(0),
  defence: z.number().positive().max(0.5).default(0.01),
  /** Augmented patches held ready, and how often each is used: 3 saves two thirds of the time that augmenting takes. */
  pool: z
    .strictObject({ size: z.number().int().positive(), reuse: z.number().int().positive() })
    .default({ size: 64, reuse: 1 }),
  /** Share of patches that are mirrored left to right: 0.5 where structures look alike on both sides and no label names a side. */
  mirror: z.number().min(0).max(1).default(0),
  /** Its patch and spacing are set from the plan. */
  augmentation: augmentationSettingsSchema.default(defaultAugmentation),
});
export type Recipe = z.infer<typeof recipeSchema>;

/** What a model was trained with, to train it on: its record knows of settings that its training did not. */
export const settingsOf = ({
  training,
  borderDeviation,
  temperature,
}: ModelRecord): Readonly<Record<string, unknown>> => ({
  ...training.settings,
  borderDeviation,
  temperature,
});

/** The recipe's augmentation on the plan's grid, where millimetres are those of its spacing, and mirrored left to right as `mirror` asks for. */
export const augmentationOf = (
  { augmentation, mirror }: Recipe,
  { spacingMm: [i, j, k] }: Pick<PreprocessingPlan, 'spacingMm'>,
): AugmentationSettings => ({
  ...augmentation,
  spatial: { ...augmentation.spatial, spacingMm: [k, j, i], ...(mirror > 0 && { mirror: [0, 0, mirror] as const }) },
});

/** The recipe with some settings changed. @throws AppError `job/settings` naming the first that is unknown or out of range */
export function parseRecipe(settings: Readonly<Record<string, unknown>>): Recipe {
  const parsed = recipeSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!; // a failed parse has at least one
  if (issue.code !== 'unrecognized_keys')
    throw new AppError('job/settings', { key: issue.path.join('.'), problem: issue.message });
  const known = Object.keys(recipeSchema.shape).join(', ');
  throw new AppError('job/settings', { key: issue.keys.join(', '), problem: `there are ${known}` });
}
