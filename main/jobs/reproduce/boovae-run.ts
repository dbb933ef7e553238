import type { ReproductionRun } from '../../../contract/reproduction.ts';
import { mlpVaeStart } from '../../numerics/models/mlp-vae.ts';
import { derive, type RandomKey, rootKey } from '../../numerics/tensors/random.ts';
import type { JobContext, Ports } from '../ports.ts';
import { type BoovaeMethod, type BoovaeSettings, priorKindOf, settingsOf, shapeOf } from './boovae-settings.ts';
import { type DigitData, type DigitImages, type DigitSplits, ofClasses } from './digit-images.ts';
import { evaluateModel } from './evaluate-model.ts';
import type { ImageClassifier } from './image-classifier.ts';
import { type LearnedModel, packModel, unpackModel } from './learned-model.ts';
import { type ReproductionPlace, readRun, runFile } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { openProgressStore } from './task-progress.ts';
import type { TaskSummary } from './task-training.ts';
import { trainTask } from './train-task.ts';

/** One method on one seed, and what its outcome depends on. */
export interface BoovaePlan {
  readonly method: BoovaeMethod;
  readonly seed: number;
  readonly data: DigitData;
  readonly tasks: number;
  readonly settings: BoovaeSettings;
  readonly place: ReproductionPlace;
  readonly splits: DigitSplits;
  readonly classifier: ImageClassifier;
}

/** Hash of everything that a run's outcome depends on; settings that its method does not use may differ. */
export const boovaeRunKey = (
  ports: Ports,
  { method, seed, data, tasks, settings }: Pick<BoovaePlan, 'method' | 'seed' | 'data' | 'tasks' | 'settings'>,
): string => ports.runs.keyOf({ what: 'boovae 1', method, seed, data, tasks, settings: settingsOf(method, settings) });

type TimedSummary = TaskSummary & { readonly trainingMs: number };

/** A model between two tasks. */
interface Kept {
  readonly model: LearnedModel;
  /** Of the last task. */
  readonly training: TimedSummary | undefined;
}

/** Trains task after task and judges the model after each; what is there already is not made again. */
export async function runBoovae(ports: Ports, context: JobContext, plan: BoovaePlan): Promise<ReproductionRun> {
  const runKey = boovaeRunKey(ports, plan);
  const { method, seed, settings } = plan;
  const fresh = beginRun(ports, { key: runKey, method, seed, settings: settingsOf(method, settings) });
  let run = (await readRun(ports, plan.place, { ...plan, key: runKey })) ?? fresh;
  if (run.finished) return run;
  let kept = await loadModel(ports, plan, runKey);
  const ahead = kept.model.tasks.length - run.rows.length;
  if (ahead !== 0 && ahead !== 1) {
    // rows or model were lost: all is made again, and comes out the same
    run = fresh;
    kept = freshModel(plan);
  }
  while (run.rows.length < plan.tasks) {
    const startedMs = ports.machine.nowMs();
    if (kept.model.tasks.length === run.rows.length) kept = await learnNext(ports, context, plan, { kept, runKey });
    const row = await judge(ports, context, plan, kept);
    const finished = run.rows.length + 1 === plan.tasks;
    run = extendRun(ports, run, { rows: [row], finished, elapsedMs: ports.machine.nowMs() - startedMs });
    await ports.results.writeJson(runFile(plan.place, plan), run);
  }
  await ports.runs.finish(runKey, { method, seed });
  return run;
}

async function loadModel(ports: Ports, plan: BoovaePlan, runKey: string): Promise<Kept> {
  const found = await ports.runs.loadCheckpoint(runKey);
  if (!found) return freshModel(plan);
  const state = found.state as { readonly tasks: number; readonly training: TimedSummary }; // as `learnNext` saves it
  const shape = shapeOf(plan.settings, plan.splits.training.size);
  return { model: unpackModel(found.arrays, shape, state.tasks), training: state.training };
}

/** A random start, the same for every method of a seed. */
function freshModel({ seed, settings, splits }: BoovaePlan): Kept {
  const shape = shapeOf(settings, splits.training.size);
  const weights = mlpVaeStart(shape, derive(rootKey(seed), 'start'));
  return { model: { shape, weights, tasks: [], anchors: undefined }, training: undefined };
}

/** The classes of a task, in order. */
const classesOf = (task: number, { tasks }: Pick<BoovaePlan, 'tasks'>): readonly number[] =>
  Array.from({ length: 10 / tasks }, (_, n) => (task * 10) / tasks + n);

const taskKey = ({ seed, method }: Pick<BoovaePlan, 'seed' | 'method'>, task: number): RandomKey =>
  derive(rootKey(seed), method, task);

async function learnNext(
  ports: Ports,
  context: JobContext,
  plan: BoovaePlan,
  { kept: { model }, runKey }: { readonly kept: Kept; readonly runKey: string },
): Promise<Kept> {
  const { method, settings, splits } = plan;
  const task = model.tasks.length;
  const startedMs = ports.machine.nowMs();
  const store = openProgressStore(ports, { runKey, task });
  const learned = await trainTask(context, {
    method,
    settings,
    model,
    training: ownImages(splits.training, task, plan),
    validation: ownImages(splits.validation, task, plan),
    key: taskKey(plan, task),
    title: `${method}, seed ${plan.seed}, task ${task + 1} of ${plan.tasks}`,
    store,
  });
  const training = { ...learned.summary, trainingMs: ports.machine.nowMs() - startedMs };
  const arrays = packModel(learned.model);
  await ports.runs.saveCheckpoint(runKey, { arrays, state: { tasks: task + 1, training } });
  await store.finish();
  return { model: unpackModel(arrays, model.shape, task + 1), training }; // what a resumed run would have, to the bit
}

function ownImages(images: DigitImages, task: number, plan: BoovaePlan): DigitImages {
  const classes = classesOf(task, plan);
  const { imagesATask = Number.POSITIVE_INFINITY } = plan.settings;
  return ofClasses(images, classes, Math.ceil(imagesATask / classes.length));
}

async function judge(
  ports: Ports,
  context: JobContext,
  plan: BoovaePlan,
  { model, training }: Kept,
): Promise<ReproductionRun['rows'][number]> {
  const { settings, splits, method, seed } = plan;
  const tasks = model.tasks.length;
  const classes = Array.from({ length: tasks }, (_, task) => classesOf(task, plan)).flat();
  const each = settings.fullTestAfter.includes(tasks)
    ? Number.POSITIVE_INFINITY
    : Math.ceil(settings.stratified / classes.length);
  const startedMs = ports.machine.nowMs();
  const { worth, picture } = await evaluateModel(context, {
    model,
    test: ofClasses(splits[settings.judgedOn], classes, each),
    samples: settings.samples,
    generated: settings.generated,
    classifier: plan.classifier,
    classes,
    key: derive(taskKey(plan, tasks - 1), 'evaluation'),
    title: `${method}, seed ${seed}, after ${tasks} of ${plan.tasks} tasks`,
  });
  await ports.results.writePicture(runFile(plan.place, plan, '.png'), picture);
  // N(0, I) is one component however often it is taken
  const components = priorKindOf(method) === 'standard' ? 1 : worth.components;
  return { tasks, ...worth, components, ...training, evaluationMs: ports.machine.nowMs() - startedMs };
}
