import { fitDensity } from '../../numerics/continual/class-density.ts';
import { classify } from '../../numerics/continual/classifier-gradient.ts';
import { anchorOf } from '../../numerics/continual/elastic-weights.ts';
import {
  batchesOf,
  gatherImages,
  type LabelledImages,
  pixelRows,
  pooledRows,
} from '../../numerics/continual/labelled-images.ts';
import { pointInit, pointStep, taskTarget } from '../../numerics/continual/task-steps.ts';
import { lenetFeatureCount, lenetStart } from '../../numerics/models/lenet5.ts';
import { type AdditiveMixture, addComponent, mixtureOf } from '../../numerics/posteriors/additive-mixture.ts';
import type { Rows } from '../../numerics/posteriors/batch-log-density.ts';
import { fitInit, fitStep } from '../../numerics/posteriors/component-fit.ts';
import { type GaussianComponent, meanOf, startComponent } from '../../numerics/posteriors/gaussian-component.ts';
import { derive, type RandomKey } from '../../numerics/tensors/random.ts';
import type { JobContext } from '../ports.ts';
import { type DigitImages, ofClasses } from './digit-images.ts';
import type { LearnedPairs } from './learned-pairs.ts';
import type { SplitMethod, SplitSettings } from './split-mnist-settings.ts';

/** A pair of digits to learn. */
export interface PairTask {
  readonly method: SplitMethod;
  readonly settings: SplitSettings;
  /** Images of the pair; for `replay` of all pairs so far. */
  readonly images: DigitImages;
  readonly classes: readonly number[];
  /** Images of all tasks before, whose number alone is known. */
  readonly imagesBefore: number;
  readonly key: RandomKey;
  readonly title: string;
}

/** What is known after one more pair. */
export async function learnPair(context: JobContext, learned: LearnedPairs, task: PairTask): Promise<LearnedPairs> {
  const tasks = learned.tasks + 1;
  switch (task.method) {
    case 'naive':
    case 'replay':
      return { ...learned, tasks, weights: await learnWeights(context, learned, task) };
    case 'ewc': {
      const weights = await learnWeights(context, learned, task);
      await context.breathe('measuring Fisher information');
      const anchor = anchorOf(weights, task.images, task.settings.fisherImages, derive(task.key, 'fisher'));
      return { ...learned, tasks, weights, anchors: [...learned.anchors, anchor] };
    }
    case 'mpvi':
      return { ...(await learnDensities(context, await learnComponent(context, learned, task), task)), tasks };
    default:
      throw task.method satisfies never;
  }
}

/** The most probable weights given the task's images and, for EWC, the anchors of all past tasks; from the weights before. */
async function learnWeights(context: JobContext, learned: LearnedPairs, task: PairTask): Promise<Float64Array> {
  const { settings, images, key } = task;
  let state = pointInit(learned.weights ?? lenetStart(derive(key, 'start')));
  const prior = { priorDeviation: settings.priorDeviation, images: images.labels.length };
  const hold = { anchors: learned.anchors, strength: settings.elastic };
  await eachBatch(context, task, (batch, rate) => {
    state = pointStep(state, batch, { prior, hold, rate });
  });
  return state.weights;
}

/** The mixture with a component fitted to the task's images under the prior; its weight is the task's share of all images. */
async function learnComponent(context: JobContext, learned: LearnedPairs, task: PairTask): Promise<LearnedPairs> {
  const { settings, images, imagesBefore, key } = task;
  const { priorDeviation, startDeviation, draws } = settings;
  let state = fitInit(startComponent({ family: 'factorised' }, lenetStart(derive(key, 'start')), startDeviation));
  const prior = { priorDeviation, images: images.labels.length };
  await eachBatch(context, task, (batch, rate, step) => {
    const problem = {
      mixture: undefined,
      target: taskTarget(batch, prior),
      objective: { kind: 'lambda', lambda: 1 },
    } as const;
    const bounds = { deviationFloor: 1e-5, deviationCap: priorDeviation };
    [state] = fitStep(state, problem, { draws, rate, ...bounds }, derive(key, 'step', step));
  });
  const share = prior.images / (imagesBefore + prior.images);
  const { mixture } = learned;
  return { ...learned, mixture: mixture ? addComponent(mixture, state.component, share) : mixtureOf(state.component) };
}

/** Densities of the task's classes: they see the images of the task alone, and no image is kept. */
async function learnDensities(context: JobContext, learned: LearnedPairs, task: PairTask): Promise<LearnedPairs> {
  const { settings, key, title } = task;
  const [gate, pixels, features] = [[...learned.gate], [...learned.pixels], [...learned.features]];
  for (const [done, label] of task.classes.entries()) {
    context.report({ phase: `${title}: densities`, done, total: task.classes.length, unit: 'classes' });
    await context.breathe('fitting densities');
    const own = ofClasses(task.images, [label]);
    gate.push(fitDensity(pooledRows(own), settings.gate, derive(key, 'gate', label)));
    await context.breathe('fitting densities');
    pixels.push(fitDensity(pixelRows(own), settings.pixels, derive(key, 'pixels', label)));
    features.push(fitDensity(featureRows(learned.mixture!, own), settings.features, derive(key, 'features', label)));
  }
  return { ...learned, gate, pixels, features };
}

/** Activations under the last layer of the first task's network, which no later task changes: one space for all classes. */
export function featureRows({ components }: AdditiveMixture, images: LabelledImages): Rows {
  const first: GaussianComponent = components[0]!; // a mixture has a component
  const { features } = classify(Float64Array.from(meanOf(first)), images);
  return { values: features, dimensions: lenetFeatureCount };
}

async function eachBatch(
  context: JobContext,
  { images, settings, key, title }: PairTask,
  step: (batch: LabelledImages, rate: number, number: number) => void,
): Promise<void> {
  const epochs = Array.from({ length: settings.epochs }, (_, epoch) =>
    batchesOf(images.labels.length, settings.batch, derive(key, 'epoch', epoch)),
  );
  const batches = epochs.flat();
  for (const [number, chosen] of batches.entries()) {
    context.report({ phase: title, done: number, total: batches.length, unit: 'steps' });
    await context.breathe('learning digits');
    const rate = settings.rate * 0.5 * (1 + Math.cos((Math.PI * number) / batches.length));
    step(gatherImages(images, chosen), rate, number);
  }
}
