import { oneHot, type Tensor5D, tensor1d, tensor5d, tidy } from '@tensorflow/tfjs-core';
import type { Sides } from '../numerics/tensors/patches.ts';
import { derive, type RandomKey, shuffled } from '../numerics/tensors/random.ts';
import { augment } from '../numerics/training/augmentation/augment.ts';
import type { AugmentationSettings } from '../numerics/training/augmentation/augmentation-settings.ts';
import type { Example } from '../numerics/training/segmentation-gradient.ts';
import type { PreparedCase } from './labelled-cases.ts';

export interface BatchSettings {
  readonly caseCount: number;
  /** A case by its number; may be read anew each time. */
  readonly caseAt: (number: number) => Promise<PreparedCase>;
  readonly channels: number;
  readonly classes: number;
  readonly patch: Sides;
  readonly batch: number;
  readonly augmentation: AugmentationSettings;
  readonly key: RandomKey;
}

/** Batches as a function of the step alone: each epoch goes through all cases in an order of its own. */
export const exampleBatches =
  (settings: BatchSettings) =>
  async (step: number): Promise<readonly Example[]> => {
    const examples: Example[] = [];
    for (let place = 0; place < settings.batch; place++) {
      const drawn = step * settings.batch + place;
      const epoch = Math.floor(drawn / settings.caseCount);
      const number = shuffled(derive(settings.key, 'epoch', epoch), settings.caseCount)[drawn % settings.caseCount]!;
      examples.push(exampleOf(await settings.caseAt(number), settings, derive(settings.key, 'augmentation', drawn)));
    }
    return examples;
  };

function exampleOf(
  one: PreparedCase,
  { channels, classes, patch, augmentation }: BatchSettings,
  key: RandomKey,
): Example {
  const drawn = augment(
    { image: one.image, labels: one.labels, size: one.size, channels },
    { ...augmentation, patch },
    key,
  );
  return tidy(() => ({
    image: tensor5d(drawn.image, [1, ...patch, channels]),
    truth: oneHot(tensor1d(drawn.labels, 'int32'), classes)
      .toFloat()
      .reshape([1, ...patch, classes]) as Tensor5D,
  }));
}
