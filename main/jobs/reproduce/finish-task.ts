import type { Tensor2D } from '@tensorflow/tfjs-core';
import { type BoostedPrior, boostedMixture, finishBoosting } from '../../numerics/continual/boosting.ts';
import { addAnchor, disposeAnchors, fisherDiagonal, noAnchors } from '../../numerics/continual/elastic-anchors.ts';
import { imageEncoder } from '../../numerics/continual/input-encoder.ts';
import { type LearnedTask, standardTask } from '../../numerics/continual/learned-tasks.ts';
import { mixtureTensors } from '../../numerics/continual/mixture-tensors.ts';
import type { NamedArrays } from '../../numerics/models/named-arrays.ts';
import { fused } from '../../numerics/tensors/fused/fused-functions.ts';
import { derive, shuffled } from '../../numerics/tensors/random.ts';
import { disposeRecord, mapRecord, toTensors } from '../../numerics/tensors/tensor-record.ts';
import type { JobContext } from '../ports.ts';
import { aggregatePosterior } from './aggregate-posterior.ts';
import { boostingOf, isElastic, priorKindOf } from './boovae-settings.ts';
import { countImages, imageTensor } from './digit-images.ts';
import { hostEncoderOf, type LearnedModel, liveAnchors, plainAnchors } from './learned-model.ts';
import type { TaskTraining } from './task-training.ts';

/** What a task's training ended with. */
export interface TrainedTask {
  /** Weights, and under `prior/` what the task's prior learned. */
  readonly parameters: NamedArrays;
  readonly boosted: BoostedPrior | undefined;
}

/** The model after a task: its part of the prior is frozen, its anchor added; nothing else of it is kept. */
export async function finishTask(context: JobContext, task: TaskTraining, trained: TrainedTask): Promise<LearnedModel> {
  const { shape, tasks } = task.model;
  const weights = Object.fromEntries(Object.entries(trained.parameters).filter(([name]) => !name.startsWith('prior/')));
  const learned = learnedTask(task, weights, trained);
  const next = { shape, weights, tasks: [...tasks, learned] };
  if (!isElastic(task.method)) return { ...next, anchors: undefined };
  await context.breathe('measuring Fisher information');
  return { ...next, anchors: anchorsAfter(task, weights, learned) };
}

function learnedTask(task: TaskTraining, weights: NamedArrays, { parameters, boosted }: TrainedTask): LearnedTask {
  const { settings, model, training, key } = task;
  const encoder = hostEncoderOf({ shape: model.shape, weights });
  const equal = new Float64Array(settings.components).fill(-Math.log(settings.components));
  const kind = priorKindOf(task.method);
  switch (kind) {
    case 'standard':
      return standardTask(model.shape.latent);
    case 'gaussians': {
      const { mean, logVariance } = mapRecord(
        { mean: parameters['prior/mean']!, logVariance: parameters['prior/logVariance']! },
        ({ data }) => Float64Array.from(data),
      ) as Record<'mean' | 'logVariance', Float64Array>; // the names are those given
      return { inputs: undefined, mixture: { dimensions: model.shape.latent, logWeights: equal, mean, logVariance } };
    }
    case 'inputs': {
      const { data } = parameters['prior/inputs']!;
      const { pixels } = model.shape;
      const inputs = Array.from(equal, (_, k) =>
        data.slice(k * pixels, (k + 1) * pixels).map((value) => Math.min(Math.max(value, 0), 1)),
      );
      return { inputs, mixture: boostedMixture({ inputs, logWeights: equal }, imageEncoder(encoder)) };
    }
    case 'boosted': {
      const own = derive(key, 'finish');
      const aggregate = aggregatePosterior(encoder, training, settings.subset, own);
      const finished = finishBoosting(
        boosted!,
        { aggregate, encoder: imageEncoder(encoder) },
        boostingOf(settings),
        own,
      );
      return { inputs: finished.inputs, mixture: boostedMixture(finished, imageEncoder(encoder)) };
    }
    default:
      return kind satisfies never;
  }
}

/** The anchors with one of this task, its Fisher information measured under the task's own prior. */
function anchorsAfter(task: TaskTraining, weights: NamedArrays, { mixture }: LearnedTask): LearnedModel['anchors'] {
  const { model, training, settings, key } = task;
  const own = derive(key, 'fisher');
  const chosen = shuffled(own, countImages(training)).slice(0, settings.fisherImages);
  const live = toTensors(weights);
  const images = imageTensor(training, chosen);
  const prior = mixtureTensors(mixture);
  const noise = fused().gaussianNoise(derive(own, 'noise'), [chosen.length, model.shape.latent]) as Tensor2D;
  const fisher = fisherDiagonal(model.shape, live, { images, noise, prior });
  const before = model.anchors ? liveAnchors(model.anchors) : noAnchors(live);
  const anchors = addAnchor(before, live, fisher);
  const plain = plainAnchors(anchors);
  disposeAnchors(anchors);
  const { logWeights, mean, logVariance } = prior;
  disposeRecord(live);
  disposeRecord(fisher); // under the weights' names
  disposeRecord({ images, noise, logWeights, codeMean: mean, codeSpread: logVariance });
  return plain;
}
