import type { ReproductionRun } from '../../../contract/reproduction.ts';
import { mlpVaeStart } from '../../numerics/models/mlp-vae.ts';
import { derive, rootKey } from '../../numerics/tensors/random.ts';
import type { JobContext, Ports } from '../ports.ts';
import { type BoovaeMethod, type BoovaeSettings, settingsOf, shapeOf } from './boovae-settings.ts';
import { countImages, type DigitData, type DigitImages, type DigitSplits, ofClasses } from './digit-images.ts';
import { evaluateModel } from './evaluate-model.ts';
import type { ImageClassifier } from './image-classifier.ts';
import { type LearnedModel, packModel, unpackModel } from './learned-model.ts';
import { type ReproductionPlace, readRun, runFile } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { openProgressStore } from './task-progress.ts';
import type { TaskSummary } from './task-training.ts';
import { trainTask } from './train-task.ts';

/** One method on one seed; its rows are numbers of components, each a training of its own on all classes at once. */
export interface OfflinePlan {
  readonly method: BoovaeMethod;
  readonly seed: number;
  readonly data: DigitData;
  /** `components` is that of the row. */
  readonly settings: BoovaeSettings;
  readonly place: ReproductionPlace;
  readonly splits: DigitSplits;
  readonly classifier: ImageClassifier;
}

const allClasses = Array.from({ length: 10 }, (_, label) => label);

/** Settings that all rows share. */
const sharedSettings = (method: BoovaeMethod, settings: BoovaeSettings): Record<string, unknown> => {
  const { components: _row, ...shared } = settingsOf(method, settings);
  return shared;
};

/** Hash of everything that the rows' outcomes depend on but their numbers of components. */
export const offlineRunKey = (
  ports: Ports,
  { method, seed, data, settings }: Pick<OfflinePlan, 'method' | 'seed' | 'data' | 'settings'>,
): string =>
  ports.runs.keyOf({ what: 'boovae-offline 1', method, seed, data, settings: sharedSettings(method, settings) });

/** Trains and judges one row, unless it is there. `wanted` are the numbers of components that make the run whole. */
export async function runOffline(
  ports: Ports,
  context: JobContext,
  plan: OfflinePlan,
  wanted: readonly number[],
): Promise<void> {
  const { method, seed, settings } = plan;
  const key = offlineRunKey(ports, plan);
  const fresh = beginRun(ports, { key, method, seed, settings: sharedSettings(method, settings) });
  const run = (await readRun(ports, plan.place, { ...plan, key })) ?? fresh;
  if (run.rows.some((row) => row['components'] === settings.components)) return;
  const startedMs = ports.machine.nowMs();
  const rowKey = ports.runs.keyOf({ key, components: settings.components });
  const kept = await learn(ports, context, plan, rowKey);
  const row = await judge(ports, context, plan, kept);
  const have = [...run.rows, row].map((one) => one['components']);
  const finished = wanted.every((components) => have.includes(components));
  const next = extendRun(ports, run, { rows: [row], finished, elapsedMs: ports.machine.nowMs() - startedMs });
  await ports.results.writeJson(runFile(plan.place, plan), next);
  await ports.runs.finish(rowKey, { method, seed, components: settings.components });
}

interface Kept {
  readonly model: LearnedModel;
  readonly training: TaskSummary & { readonly trainingMs: number };
}

async function learn(ports: Ports, context: JobContext, plan: OfflinePlan, rowKey: string): Promise<Kept> {
  const { method, seed, settings, splits } = plan;
  const shape = shapeOf(settings, splits.training.size);
  const found = await ports.runs.loadCheckpoint(rowKey);
  if (found) {
    const { training } = found.state as { readonly training: Kept['training'] }; // as it is saved below
    return { model: unpackModel(found.arrays, shape, 1), training };
  }
  const startedMs = ports.machine.nowMs();
  const root = rootKey(seed);
  const store = openProgressStore(ports, { rowKey });
  const { model, summary } = await trainTask(context, {
    method,
    settings,
    model: { shape, weights: mlpVaeStart(shape, derive(root, 'start')), tasks: [], anchors: undefined },
    training: someImages(splits.training, settings),
    validation: someImages(splits.validation, settings),
    key: derive(root, method, settings.components),
    title: `${method}, ${settings.components} components, seed ${seed}`,
    store,
  });
  const training = { ...summary, trainingMs: ports.machine.nowMs() - startedMs };
  const arrays = packModel(model);
  await ports.runs.saveCheckpoint(rowKey, { arrays, state: { training } });
  await store.finish();
  return { model: unpackModel(arrays, shape, 1), training };
}

const someImages = (images: DigitImages, { imagesATask }: BoovaeSettings): DigitImages =>
  imagesATask === undefined ? images : ofClasses(images, allClasses, Math.ceil(imagesATask / allClasses.length));

async function judge(
  ports: Ports,
  context: JobContext,
  { method, seed, settings, splits, classifier, place }: OfflinePlan,
  { model, training }: Kept,
): Promise<ReproductionRun['rows'][number]> {
  const { components } = settings;
  const startedMs = ports.machine.nowMs();
  const judged = splits[settings.judgedOn];
  const isSmall = settings.imagesATask !== undefined;
  const { worth, picture } = await evaluateModel(context, {
    model,
    test: isSmall ? ofClasses(judged, allClasses, Math.ceil(settings.stratified / allClasses.length)) : judged,
    samples: settings.samples,
    generated: settings.generated,
    classifier,
    classes: allClasses,
    key: derive(rootKey(seed), method, components, 'evaluation'),
    title: `${method}, ${components} components, seed ${seed}, ${countImages(judged)} images`,
  });
  await ports.results.writePicture(runFile(place, { method: `${method}-${components}`, seed }, '.png'), picture);
  const evaluationMs = ports.machine.nowMs() - startedMs;
  return { ...worth, components, keptComponents: worth.components, ...training, evaluationMs };
}
