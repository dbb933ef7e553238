import { tensor1d } from '@tensorflow/tfjs-core';
import {
  classifierStart,
  classifierStep,
  classify,
  disposeClassifier,
  startClassifier,
} from '../../numerics/models/mlp-classifier.ts';
import type { NamedArrays } from '../../numerics/models/named-arrays.ts';
import { derive, rootKey, shuffled } from '../../numerics/tensors/random.ts';
import { disposeRecord, toArrays, toTensors } from '../../numerics/tensors/tensor-record.ts';
import type { JobContext, Ports } from '../ports.ts';
import { countImages, type DigitData, type DigitSplits, imageTensor } from './digit-images.ts';

/** What tells the classes of generated images. Trained on the training images of all classes; the same for every run of a data set. */
export interface ImageClassifier {
  readonly parameters: NamedArrays;
  readonly pixels: number;
  /** Share of all test images that it classifies rightly. */
  readonly accuracy: number;
}

export const classifierWidth = 512;
const [classes, batch, rate] = [10, 100, 1e-3];

/** Trains the classifier, or takes the one that an earlier run of the same data and epochs trained. */
export async function imageClassifier(
  ports: Ports,
  context: JobContext,
  { data, splits, epochs }: { readonly data: DigitData; readonly splits: DigitSplits; readonly epochs: number },
): Promise<ImageClassifier> {
  const count = countImages(splits.training);
  const key = ports.runs.keyOf({ what: 'digit classifier 1', data, epochs, count, width: classifierWidth });
  const kept = await ports.runs.loadCheckpoint(key);
  const pixels = splits.training.size;
  if (kept) return { parameters: kept.arrays, pixels, accuracy: Number(kept.state['accuracy']) };
  const parameters = await train(context, splits, epochs);
  const accuracy = accuracyOf(parameters, splits);
  await ports.runs.saveCheckpoint(key, { arrays: parameters, state: { accuracy } });
  return { parameters, pixels, accuracy };
}

async function train(context: JobContext, { training }: DigitSplits, epochs: number): Promise<NamedArrays> {
  const key = derive(rootKey(0), 'classifier');
  const shape = { pixels: training.size, width: classifierWidth, classes };
  const count = countImages(training);
  const steps = Math.floor(count / batch);
  let state = startClassifier(toTensors(classifierStart(shape, key)));
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(derive(key, 'order', epoch), count);
    for (let n = 0; n < steps; n++) {
      if (n % 50 === 0) await context.breathe('training the classifier');
      const done = epoch * steps + n;
      context.report({ phase: 'training the classifier', done, total: epochs * steps, unit: 'steps' });
      const chosen = order.slice(n * batch, (n + 1) * batch);
      const images = imageTensor(training, chosen);
      const labels = tensor1d(
        Int32Array.from(chosen, (place) => training.labels[place]!),
        'int32',
      );
      const share = done / (epochs * steps);
      const [next] = classifierStep(state, { images, labels, classes }, rate * 0.5 * (1 + Math.cos(Math.PI * share)));
      state = next;
      disposeRecord({ images, labels });
    }
  }
  const parameters = toArrays(state.parameters);
  disposeClassifier(state);
  return parameters;
}

function accuracyOf(parameters: NamedArrays, { test }: DigitSplits): number {
  const live = toTensors(parameters);
  const images = imageTensor(test);
  const found = classify(live, images);
  disposeRecord({ ...live, images });
  return found.filter((label, n) => label === test.labels[n]).length / found.length;
}
