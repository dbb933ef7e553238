import type { Target } from '../posteriors/pursuit-objective.ts';
import { type VectorAdam, vectorAdamInit, vectorAdamStep } from '../posteriors/vector-adam.ts';
import { logLikelihoodGradient } from './classifier-gradient.ts';
import { type Anchor, anchorGradient } from './elastic-weights.ts';
import type { LabelledImages } from './labelled-images.ts';

/** What is known of the weights before a task: N(0, priorDeviation^2) for each by itself. */
export interface TaskPrior {
  readonly priorDeviation: number;
  /** Images of the task. */
  readonly images: number;
}

/** log p(images of the task, weights) up to a constant, estimated from a batch of them without bias. */
export function taskTarget(batch: LabelledImages, { priorDeviation, images }: TaskPrior): Target {
  const scale = images / batch.labels.length;
  const precision = priorDeviation ** -2;
  return (weights) => {
    const { value, gradient } = logLikelihoodGradient(weights, batch);
    let square = 0;
    for (const weight of weights) square += weight ** 2;
    return {
      value: scale * value - 0.5 * precision * square,
      gradient: gradient.map((slope, w) => scale * slope - precision * weights[w]!),
    };
  };
}

/** Where the training of one weight set is: plain data. */
export interface PointState {
  readonly weights: Float64Array;
  readonly adam: VectorAdam;
}

export const pointInit = (weights: Float64Array): PointState => ({ weights, adam: vectorAdamInit(weights.length) });

/** Anchors that hold the weights, and how strongly: 1 is Laplace's posterior of the past tasks. */
export interface Hold {
  readonly anchors: readonly Anchor[];
  readonly strength: number;
}

/** One step of Adam towards the most probable weights, the task's images and the anchors of past tasks taken together. */
export function pointStep(
  { weights, adam }: PointState,
  batch: LabelledImages,
  { prior, hold, rate }: { readonly prior: TaskPrior; readonly hold: Hold; readonly rate: number },
): PointState {
  const { gradient } = taskTarget(batch, prior)(weights, { state: [0, 0] }); // the batch is the draw
  const pull = anchorGradient(weights, hold.anchors, hold.strength);
  const moved = vectorAdamStep(
    adam,
    weights,
    gradient.map((slope, w) => (pull[w]! - slope) / prior.images),
    rate,
  );
  return { weights: moved.values, adam: moved.state };
}
