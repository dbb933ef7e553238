import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction, ReproductionRun } from '../../../contract/reproduction.ts';
import { filterOfSlices, planeLayers, planeShapes, planeStart } from '../../numerics/models/plane-cnn.ts';
import { drawPlaneKernels } from '../../numerics/models/plane-kernel-vae.ts';
import { derive, rootKey, shuffled } from '../../numerics/tensors/random.ts';
import { disposeRecord, toTensors } from '../../numerics/tensors/tensor-record.ts';
import { adamDispose, adamInit } from '../../numerics/training/adam.ts';
import { labelTensor, type PlanePrior, type PlaneState, planeStep } from '../../numerics/training/plane-training.ts';
import type { JobContext, Ports } from '../ports.ts';
import {
  chooseImages,
  countImages,
  type DigitImages,
  type DigitSplits,
  ofClasses,
  readDigits,
} from './digit-images.ts';
import {
  type PlaneMethod,
  type PlaneSettings,
  planeMethods,
  planeSettingsSchema,
  quickPlaneSettings,
} from './dwp-2d-settings.ts';
import {
  fourAxes,
  type PlaneSource,
  planeAccuracy,
  planeSliceCounts,
  planeSource,
  planeVaes,
} from './dwp-2d-source.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { type ReproductionPlace, readRun, readRuns, redraw, runFile, writeReproduction } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { summariseRuns } from './summarise-runs.ts';

const experiment = 'dwp-2d';
const measure = 'accuracy on MNIST';

/** MNIST from notMNIST kernels, 10 splits (arXiv 1810.06943). */
const published = {
  dwp: { 50: 0.8, 100: 0.867, 200: 0.915, 500: 0.945, 1000: 0.961 },
  'log-uniform': { 50: 0.766, 100: 0.839, 200: 0.894, 500: 0.938, 1000: 0.958 },
  normal: { 50: 0.717, 100: 0.816, 200: 0.89, 500: 0.938, 1000: 0.959 },
  deterministic: { 50: 0.751, 100: 0.827, 200: 0.879, 500: 0.926, 1000: 0.954 },
};

/** `frozen` may be asked for. */
const publishedMethods: readonly PlaneMethod[] = ['dwp', 'log-uniform', 'normal', 'deterministic'];

/** Folders of the idx files of both sets. */
const optionsSchema = z.strictObject({ images: z.string().optional(), fashion: z.string().optional() });

interface Plan {
  readonly method: PlaneMethod;
  readonly seed: number;
  readonly settings: PlaneSettings;
  readonly place: ReproductionPlace;
  readonly splits: DigitSplits;
  readonly source: PlaneSource;
}

/**
 * The Deep Weight Prior in the plane (methods 1.5, 6): kernels of nets for clothes as prior of nets for digits, learned from few images, beside
 * rivals that begin at the same weights. A row a number of images, kept at once.
 * @throws AppError `reproduce/settings`, `reproduce/no-images`, `reproduce/no-results`
 */
export async function dwpPlane(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'reproduce'>,
): Promise<Reproduction> {
  const { images, fashion } = parseSettings(experiment, optionsSchema, request.options);
  const methods = parseMethods(experiment, planeMethods, request.methods ?? publishedMethods);
  const settings = parseSettings(experiment, planeSettingsSchema, {
    ...(request.quick && quickPlaneSettings),
    ...request.settings,
  });
  const place = { out: request.out, name: request.quick ? `${experiment}-quick` : experiment };
  if (request.draw) return redraw(ports, place);
  const splits = await readDigits(ports.results, 'mnist', images === undefined ? [] : [images]);
  const clothes = await readDigits(ports.results, 'fashion', fashion === undefined ? [] : [fashion]);
  const source = await planeSource(
    ports,
    context,
    { settings, images: clothes.training, test: clothes.test },
    derive(rootKey(0), experiment),
  );
  const shared = { settings, place, splits, source };
  for (const seed of request.seeds ?? (request.quick ? [0] : [0, 1, 2]))
    for (const method of methods) {
      await runPlane(ports, context, { ...shared, method, seed });
      await assemble(ports, shared, request.quick);
    }
  return assemble(ports, shared, request.quick);
}

const keyOf = (ports: Ports, { method, seed, settings }: Pick<Plan, 'method' | 'seed' | 'settings'>) =>
  ports.runs.keyOf({ experiment, version: 2, method, seed, settings });

async function runPlane(ports: Ports, context: JobContext, plan: Plan): Promise<ReproductionRun> {
  const { method, seed, settings } = plan;
  const key = keyOf(ports, plan);
  let run =
    (await readRun(ports, plan.place, { method, seed, key })) ?? beginRun(ports, { key, method, seed, settings });
  for (const images of settings.images.slice(run.rows.length)) {
    const startedMs = ports.machine.nowMs();
    const accuracy = await learn(context, plan, images);
    run = extendRun(ports, run, {
      rows: [{ images, accuracy }],
      finished: run.rows.length + 1 === settings.images.length,
      elapsedMs: ports.machine.nowMs() - startedMs,
    });
    await ports.results.writeJson(runFile(plan.place, run), run);
  }
  return run;
}

/** Trains a target net on a stratified subset and returns its accuracy on test images. */
async function learn(context: JobContext, plan: Plan, images: number): Promise<number> {
  const { method, seed, settings, splits, source } = plan;
  const key = derive(rootKey(seed), experiment, images);
  const subset = stratified(splits.training, images, key);
  const parameters = startOf(plan, derive(key, 'start'));
  const decoders = Object.fromEntries(
    planeLayers.map((layer) => {
      const vae = Object.entries(source.vaes).filter(
        ([name]) => name.startsWith(`${layer}/`) && !name.includes('/encoder/'),
      );
      return [layer, toTensors(Object.fromEntries(vae.map(([name, array]) => [name.slice(layer.length + 1), array])))];
    }),
  ) as Record<(typeof planeLayers)[number], Record<string, Tensor>>; // one a layer
  const latent = { 'conv-1': planeVaes['conv-1'].latent, 'conv-2': planeVaes['conv-2'].latent };
  const priors: Readonly<Record<PlaneMethod, PlanePrior>> = {
    dwp: { kind: 'kernels', decoders, latent },
    'log-uniform': { kind: 'log-uniform' },
    normal: { kind: 'normal' },
    deterministic: { kind: 'none' },
    frozen: { kind: 'none' },
  };
  const objective = {
    prior: priors[method],
    images: images / settings.beta,
    decay: 0,
    held: method === 'frozen' ? planeLayers : [],
  };
  let state: PlaneState = { step: 0, parameters, adam: adamInit(parameters) };
  const title = `${method}, seed ${seed}, ${images} images`;
  for (let step = 0; step < settings.steps; step++) {
    await context.breathe(title);
    context.report({ phase: title, done: step, total: settings.steps, unit: 'steps' });
    const chosen = shuffled(derive(key, 'batch', step), images).slice(0, Math.min(images, settings.batch));
    const batch = { images: fourAxes(subset, chosen), labels: labelTensor(chooseImages(subset, chosen).labels) };
    const rate = settings.rate * (1 - step / settings.steps);
    const next = planeStep(state, batch, { ...objective, rate }, derive(key, 'step', step));
    disposeRecord(batch);
    state = next.state;
    if (!Number.isFinite(next.loss)) throw new RangeError(`the loss of ${title} is ${next.loss} at step ${step}`);
  }
  const judged = splits[settings.judgedOn];
  const test = ofClasses(
    chooseImages(judged, shuffled(derive(rootKey(0), experiment, 'judged'), countImages(judged))), // the file's first images are the harder ones
    Array.from({ length: 10 }, (_, n) => n),
    settings.testImages / 10,
  );
  const accuracy = planeAccuracy(state.parameters, test, { samples: settings.samples, key: derive(key, 'judge') });
  disposeRecord(state.parameters);
  adamDispose(state.adam);
  for (const layer of planeLayers) disposeRecord(decoders[layer]);
  return accuracy;
}

const isVariational = (method: PlaneMethod): boolean => method !== 'deterministic' && method !== 'frozen';

/** Convolutions drawn from the kernel VAEs, the same for every method of a seed; what is variational begins narrow. */
function startOf({ method, settings, source }: Plan, key: ReturnType<typeof rootKey>): Record<string, Tensor> {
  const shapes = planeShapes(settings);
  const start = toTensors(planeStart(settings, key));
  const counts = planeSliceCounts(settings.channels);
  for (const layer of planeLayers) {
    const vae = toTensors(
      Object.fromEntries(
        Object.entries(source.vaes)
          .filter(([name]) => name.startsWith(`${layer}/`))
          .map(([name, array]) => [name.slice(layer.length + 1), array]),
      ),
    );
    const slices = drawPlaneKernels(vae, planeVaes[layer], counts[layer], derive(key, layer));
    start[layer]!.dispose();
    start[layer] = tensor(filterOfSlices(slices, shapes[layer]), [...shapes[layer]]);
    if (isVariational(method))
      start[`${layer}/logVariance`] = tensor(new Float32Array(slices.length).fill(settings.startLogVariance), [
        ...shapes[layer],
      ]);
    for (const [name, value] of Object.entries(vae)) {
      if (method === 'dwp' && name.startsWith('encoder/')) start[`${layer}/${name}`] = value;
      else value.dispose();
    }
  }
  return start;
}

/** The same number of each class, drawn by the key. */
function stratified(images: DigitImages, count: number, key: ReturnType<typeof rootKey>): DigitImages {
  const order = shuffled(derive(key, 'subset'), countImages(images));
  return ofClasses(
    chooseImages(images, order.slice(0, Math.min(order.length, 40 * count))),
    Array.from({ length: 10 }, (_, n) => n),
    count / 10,
  );
}

async function assemble(
  ports: Ports,
  { settings, place, source }: Pick<Plan, 'settings' | 'place' | 'source'>,
  quick: boolean,
): Promise<Reproduction> {
  const runs = await readRuns(ports, place, {
    methods: planeMethods,
    keyOf: ({ method, seed }) => keyOf(ports, { method: method as PlaneMethod, seed, settings }), // of the methods given
  });
  const reproduction: Reproduction = {
    version: 1,
    experiment: place.name,
    measure,
    counts: 'number of training images',
    quick,
    settings: { ...protocol, source: source.record, settings },
    summary: summariseRuns(runs, { count: 'images', measure: 'accuracy' }),
    further: {},
    published: { [measure]: published },
    runs: [...runs],
  };
  await writeReproduction(ports, place, reproduction);
  return reproduction;
}

const protocol = {
  task: 'MNIST from few images; the prior’s kernels come from nets for Fashion-MNIST, since notMNIST is not at hand: order and distances are the claim, not the digits',
  net: 'conv 7 x 7, leaky ReLU, pool, conv 5 x 5, leaky ReLU, pool, linear; convolutions without bias; all methods begin at the same draw of the kernel VAEs',
  objective:
    'mean cross-entropy plus KL / images, local reparameterisation; log-uniform by the approximation of Molchanov et al. 2017',
  reductions:
    'fewer and narrower source nets, images and epochs, narrower target nets, few steps instead of 10,000 epochs, fewer splits and test images: `settings` beside methods 6',
};
