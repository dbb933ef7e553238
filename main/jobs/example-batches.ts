import { oneHot, type Tensor5D, tensor1d, tensor5d, tidy } from '@tensorflow/tfjs-core';
import type { Sides } from '../numerics/tensors/patches.ts';
import { derive, type RandomKey, shuffled, uniforms } from '../numerics/tensors/random.ts';
import { augment } from '../numerics/training/augmentation/augment.ts';
import { drawPooled, emptyPool, type PoolSettings } from '../numerics/training/augmentation/augmentation-pool.ts';
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
  readonly pool: PoolSettings;
  readonly key: RandomKey;
}

/**
 * Batches as a function of the step alone. Without reuse each epoch goes through all cases in an order of its own; with it,
 * augmented patches are held in a pool and drawn several times, which saves most of the time that augmenting takes.
 */
export function exampleBatches(settings: BatchSettings): (step: number) => Promise<readonly Example[]> {
  const { batch, caseCount, key, pool: poolSettings } = settings;
  let pool = emptyPool<Promise<Augmented>>(poolSettings, derive(key, 'pool'));
  const inEpochs = (drawn: number): Promise<Augmented> => {
    const order = shuffled(derive(key, 'epoch', Math.floor(drawn / caseCount)), caseCount);
    return augmented(order[drawn % caseCount]!, settings, derive(key, 'augmentation', drawn));
  };
  const fromPool = (drawn: number): Promise<Augmented> => {
    const make = (own: RandomKey) =>
      augmented(Math.floor(uniforms(derive(own, 'case'), 1)[0]! * caseCount), settings, own);
    const [next, sample] = drawPooled(pool, drawn, make);
    pool = next;
    return sample;
  };
  return async (step) => {
    const examples: Example[] = [];
    for (let place = 0; place < batch; place++) {
      const drawn = step * batch + place;
      examples.push(asTensors(await (poolSettings.reuse > 1 ? fromPool(drawn) : inEpochs(drawn)), settings));
    }
    return examples;
  };
}

type Augmented = ReturnType<typeof augment>;

async function augmented(
  number: number,
  { caseAt, channels, patch, augmentation }: BatchSettings,
  key: RandomKey,
): Promise<Augmented> {
  const { image, labels, size } = await caseAt(number);
  return augment({ image, labels, size, channels }, { ...augmentation, patch }, key);
}

const asTensors = ({ image, labels }: Augmented, { patch, channels, classes }: BatchSettings): Example =>
  tidy(() => ({
    image: tensor5d(image, [1, ...patch, channels]),
    truth: oneHot(tensor1d(labels, 'int32'), classes)
      .toFloat()
      .reshape([1, ...patch, classes]) as Tensor5D,
  }));

/** The examples of some batches one by one, each disposed when the next is asked for. */
export async function* examplesOf(
  batches: (step: number) => Promise<readonly Example[]>,
  count: number,
  breathe: () => Promise<void>,
): AsyncGenerator<Example> {
  for (let step = 0; step < count; step++) {
    await breathe();
    for (const example of await batches(step)) {
      yield example;
      example.image.dispose();
      example.truth.dispose();
    }
  }
}
