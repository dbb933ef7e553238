import { densityOf } from '../../numerics/continual/class-density.ts';
import { classify } from '../../numerics/continual/classifier-gradient.ts';
import {
  type ComponentPredictions,
  gatedPrediction,
  likeliestClasses,
  mixturePrediction,
  surestPrediction,
} from '../../numerics/continual/gated-prediction.ts';
import { pixelRows, pooledRows } from '../../numerics/continual/labelled-images.ts';
import { type AdditiveMixture, drawFrom, logSumExp } from '../../numerics/posteriors/additive-mixture.ts';
import type { Rows } from '../../numerics/posteriors/batch-log-density.ts';
import { derive, type RandomKey } from '../../numerics/tensors/random.ts';
import type { JobContext } from '../ports.ts';
import type { DigitImages } from './digit-images.ts';
import { featureRows } from './learn-pair.ts';
import type { LearnedPairs } from './learned-pairs.ts';

/** Share of images whose class is right, of all and by task; and, for MPVI, by other ways to predict. */
export interface PairWorth {
  readonly accuracy: number;
  readonly accuracyByTask: readonly number[];
  readonly images: number;
  /** MPVI: images given to the component of their task by the gate. */
  readonly taskAccuracy?: number;
  /** MPVI by its weights alone, by the surest component; the gate without networks; one Gaussian a class. */
  readonly byWeights?: number;
  readonly bySurest?: number;
  readonly gateAlone?: number;
  readonly gaussianPixels?: number;
  readonly gaussianFeatures?: number;
}

const classes = 10;

/** Judges on images of all classes seen. Each image is classified by itself: no statistic of the batch is used. */
export async function judgePairs(
  context: JobContext,
  learned: LearnedPairs,
  images: DigitImages,
  { samples, key }: { readonly samples: number; readonly key: RandomKey },
): Promise<PairWorth> {
  await context.breathe('judging');
  const { weights, mixture } = learned;
  if (weights) return worthOf(likeliestClasses(classify(weights, images).probabilities, classes), images);
  const predictions = await predict(context, mixture!, images, { samples, key }); // without weights there is a mixture
  const gate = classDensities(learned.gate, pooledRows(images));
  const tasks = taskDensities(gate);
  const share = (found: Uint8Array): number => worthOf(found, images).accuracy;
  const byClass = (densities: readonly Float64Array[]) => share(likeliestRows(densities));
  await context.breathe('judging');
  return {
    ...worthOf(likeliestClasses(gatedPrediction(predictions, tasks), classes), images),
    taskAccuracy: taskShare(likeliestRows(tasks), images),
    byWeights: share(likeliestClasses(mixturePrediction(predictions), classes)),
    bySurest: share(likeliestClasses(surestPrediction(predictions), classes)),
    gateAlone: byClass(gate),
    gaussianPixels: byClass(classDensities(learned.pixels, pixelRows(images))),
    gaussianFeatures: byClass(classDensities(learned.features, featureRows(mixture!, images))),
  };
}

async function predict(
  context: JobContext,
  { components, logWeights }: AdditiveMixture,
  images: DigitImages,
  { samples, key }: { readonly samples: number; readonly key: RandomKey },
): Promise<ComponentPredictions> {
  const probabilities: Float32Array[] = [];
  for (const [k, component] of components.entries()) {
    const mean = new Float32Array(images.labels.length * classes);
    for (let sample = 0; sample < samples; sample++) {
      await context.breathe('judging');
      const own = classify(drawFrom(component, derive(key, k), sample), images).probabilities;
      for (let n = 0; n < mean.length; n++) mean[n]! += own[n]! / samples;
    }
    probabilities.push(mean);
  }
  return { probabilities, logWeights, classes };
}

const classDensities = (densities: readonly AdditiveMixture[], rows: Rows): readonly Float64Array[] =>
  densities.map((density) => densityOf(density, rows));

/** Log density of a task: the mean over its two classes. */
const taskDensities = (byClass: readonly Float64Array[]): readonly Float64Array[] =>
  Array.from({ length: byClass.length / 2 }, (_, t) =>
    byClass[2 * t]!.map((value, n) => logSumExp([value, byClass[2 * t + 1]![n]!]) - Math.LN2),
  );

/** Which row is the greatest for each image. */
function likeliestRows(rows: readonly Float64Array[]): Uint8Array {
  return Uint8Array.from(rows[0]!, (_, n) => {
    let best = 0;
    for (let row = 1; row < rows.length; row++) if (rows[row]![n]! > rows[best]![n]!) best = row;
    return best;
  });
}

const taskShare = (found: Uint8Array, { labels }: DigitImages): number =>
  found.filter((task, n) => task === labels[n]! >> 1).length / labels.length;

function worthOf(
  found: Uint8Array,
  { labels }: DigitImages,
): Pick<PairWorth, 'accuracy' | 'accuracyByTask' | 'images'> {
  const right = Array.from(labels, (label, n) => (found[n] === label ? 1 : 0));
  const mean = (values: readonly number[]): number =>
    values.reduce<number>((sum, value) => sum + value, 0) / values.length;
  const tasks = 1 + (Math.max(...labels) >> 1);
  return {
    accuracy: mean(right),
    accuracyByTask: Array.from({ length: tasks }, (_, t) => mean(right.filter((_, n) => labels[n]! >> 1 === t))),
    images: labels.length,
  };
}
