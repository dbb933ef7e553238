import { type Tensor2D, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { addComponent, type BoostedPrior, firstComponent } from '../../numerics/continual/boosting.ts';
import { disposeAnchors, type ElasticAnchors } from '../../numerics/continual/elastic-anchors.ts';
import { imageEncoder } from '../../numerics/continual/input-encoder.ts';
import { priorOfTasks } from '../../numerics/continual/learned-tasks.ts';
import { mixtureTensors } from '../../numerics/continual/mixture-tensors.ts';
import type { ProtectedPast } from '../../numerics/continual/protection.ts';
import { priorStart, type TrainingPrior } from '../../numerics/continual/training-prior.ts';
import {
  disposeVae,
  meanNegativeBound,
  startVae,
  type VaeObjective,
  type VaeState,
  vaeStep,
} from '../../numerics/continual/vae-step.ts';
import { derive, shuffled } from '../../numerics/tensors/random.ts';
import { disposeRecord, toArrays, toTensors } from '../../numerics/tensors/tensor-record.ts';
import type { JobContext } from '../ports.ts';
import { aggregatePosterior } from './aggregate-posterior.ts';
import { boostingOf, elasticWeight, isProtecting, priorKindOf } from './boovae-settings.ts';
import { countImages, imageTensor } from './digit-images.ts';
import { finishTask } from './finish-task.ts';
import { hostEncoderOf, type LearnedModel, liveAnchors } from './learned-model.ts';
import {
  isDueForAddition,
  isOver,
  judgeEpoch,
  packProgress,
  type TaskProgress,
  unpackProgress,
} from './task-progress.ts';
import type { TaskSummary, TaskTraining } from './task-training.ts';

/** Trains on one task until its validation bound stalls; the model stays, the new one is returned. Goes on where it was interrupted. */
export async function trainTask(
  context: JobContext,
  task: TaskTraining,
): Promise<{ readonly model: LearnedModel; readonly summary: TaskSummary }> {
  const { settings, model } = task;
  const validation = imageTensor(task.validation);
  const past = pastOf(task);
  const anchors = model.anchors && liveAnchors(model.anchors);
  const kept = await task.store.load();
  let progress = kept ? unpackProgress(kept) : startOf(task);
  try {
    while (!isOver(progress, settings)) {
      await context.breathe('training');
      const bound = progress.epochs > 0 ? `, ${progress.bound.toFixed(1)} nats` : '';
      const note = `epoch ${progress.epochs + 1}${bound}`;
      context.report({ phase: task.title, done: progress.epochs, total: settings.epochs, unit: 'epochs', note });
      if (isDueForAddition(progress, settings)) progress = addTo(progress, task);
      progress = judgeEpoch(trainEpoch(progress, task, { past, anchors, validation }), settings);
      await task.store.saveIfDue(() => packProgress(progress));
    }
    const { parameters, bound } = progress.best!; // the last epoch is always settled
    const finished = await finishTask(context, task, { parameters, boosted: progress.boosted });
    const { epochs, protection } = progress;
    return { model: finished, summary: { epochs, validationBound: bound, protection } };
  } finally {
    disposeVae(progress.vae);
    validation.dispose();
    if (anchors) disposeAnchors(anchors);
    if (past) disposePast(past);
  }
}

function startOf(task: TaskTraining): TaskProgress {
  const { settings, model } = task;
  const kind = priorKindOf(task.method);
  const own = priorStart(kind, model.shape, settings.components, derive(task.key, 'prior'));
  return {
    epochs: 0,
    vae: startVae({ ...toTensors(model.weights), ...own }),
    rate: settings.rate,
    boosted: kind === 'boosted' ? firstComponent(firstImages(task), model.shape.pixels) : undefined,
    best: undefined,
    halvedAt: 0,
    bound: Number.NaN,
    protection: 0,
  };
}

/** What of past tasks holds the network, and the present task's validation images. */
interface Surroundings {
  readonly past: ProtectedPast | undefined;
  readonly anchors: ElasticAnchors | undefined;
  readonly validation: Tensor2D;
}

function trainEpoch(
  progress: TaskProgress,
  task: TaskTraining,
  { past, anchors, validation }: Surroundings,
): TaskProgress {
  const { settings, model, key } = task;
  const prior = trainingPrior(priorKindOf(task.method), progress.boosted, model.shape.pixels);
  const objective: VaeObjective = {
    shape: model.shape,
    prior,
    klWeight: Math.min(1, (progress.epochs + 1) / settings.warmUp),
    rate: progress.rate,
    ...(anchors && { elastic: { anchors, weight: elasticWeight(task.method, settings) } }),
    ...(past && { protection: protectionOf(past, task) }),
  };
  const [vae, { protection }] = runEpoch(progress.vae, task, objective, progress.epochs);
  const bound = meanNegativeBound(vae.parameters, objective, validation, derive(key, 'validation'));
  if (prior.kind === 'boosted') disposeRecord({ inputs: prior.inputs, logWeights: prior.logWeights });
  return { ...progress, vae, bound, protection };
}

/** All batches of an epoch in random order. */
function runEpoch(
  start: VaeState,
  { training, settings, key }: TaskTraining,
  objective: VaeObjective,
  epoch: number,
): readonly [VaeState, { readonly protection: number }] {
  const order = shuffled(derive(key, 'order', epoch), countImages(training));
  const batch = Math.min(settings.batch, order.length);
  const batches = Math.floor(order.length / batch);
  let vae = start;
  let protection = 0;
  for (let n = 0; n < batches; n++) {
    const images = imageTensor(training, order.slice(n * batch, (n + 1) * batch));
    const [next, info] = vaeStep(vae, images, objective, key);
    images.dispose();
    vae = next;
    protection += info.protection / batches;
  }
  return [vae, { protection }];
}

function addTo(progress: TaskProgress, { settings, model, training, key }: TaskTraining): TaskProgress {
  const encoder = hostEncoderOf({ shape: model.shape, weights: toArrays(progress.vae.parameters) });
  const own = derive(key, 'addition', progress.epochs);
  const aggregate = aggregatePosterior(encoder, training, settings.subset, own);
  const [boosted] = addComponent(
    progress.boosted!,
    { aggregate, encoder: imageEncoder(encoder) },
    boostingOf(settings),
    own,
  );
  return { ...progress, boosted };
}

function trainingPrior(kind: TrainingPrior['kind'], boosted: BoostedPrior | undefined, pixels: number): TrainingPrior {
  if (kind !== 'boosted') return { kind };
  const { inputs, logWeights } = boosted!;
  return { kind, inputs: rows(inputs, pixels), logWeights: tensor1d(Float32Array.from(logWeights)) };
}

const rows = (inputs: readonly Float32Array[], columns: number): Tensor2D =>
  tensor2d(Float32Array.from(inputs.flatMap((input) => Array.from(input))), [inputs.length, columns]);

/** A random subset M of the task's images. */
function firstImages({ training, settings, key, model }: TaskTraining): Float32Array {
  const { images } = aggregatePosterior(hostEncoderOf(model), training, settings.subset, derive(key, 'first'));
  return images;
}

/** The stored components and the network as it is, for methods that protect them; undefined at the first task. */
function pastOf({ method, model, settings }: TaskTraining): ProtectedPast | undefined {
  if (!isProtecting(method) || model.tasks.length === 0 || settings.protection === 0) return undefined;
  const mixture = priorOfTasks(model.tasks, imageEncoder(hostEncoderOf(model)));
  const stored = model.tasks.flatMap((task) => task.inputs ?? []);
  const inputs = stored.length > 0 ? rows(stored, model.shape.pixels) : undefined;
  return { weights: toTensors(model.weights), inputs, codes: mixtureTensors(mixture), mixture };
}

const protectionOf = (past: ProtectedPast, { settings, model }: TaskTraining) => ({
  past,
  weight: settings.protection * model.tasks.length,
  draws: settings.batch,
  encoderAt: settings.encoderAt,
});

function disposePast({ weights, inputs, codes }: ProtectedPast): void {
  const { logWeights, mean, logVariance } = codes;
  disposeRecord({ ...weights, ...(inputs && { inputs }), logWeights, codeMean: mean, codeSpread: logVariance });
}
