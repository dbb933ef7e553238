import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction, ReproductionRun } from '../../../contract/reproduction.ts';
import { intervalHalfWidth } from '../../numerics/metrics/interval-over-runs.ts';
import type { JobContext, Ports } from '../ports.ts';
import { readDigits } from './digit-images.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { readRuns, redraw, writeReproduction } from './reproduction-files.ts';
import { runSplit, type SplitPlan, splitRunKey } from './split-mnist-run.ts';
import { quickSplitSettings, type SplitMethod, splitMethods, splitSettingsSchema } from './split-mnist-settings.ts';
import { summariseRuns } from './summarise-runs.ts';

const experiment = 'split-mnist';
const measure = 'accuracy on all classes seen';

/** The folder of the four idx files, by either name. */
const optionsSchema = z.strictObject({ data: z.string().optional(), images: z.string().optional() });

/** After 1 to 5 tasks (arXiv 1905.07855); replay and EWC as reported for this benchmark after five. */
const published = {
  mpvi: { 1: 1, 2: 0.926, 3: 0.896, 4: 0.879, 5: 0.795 },
  naive: { 1: 1, 2: 0.484, 3: 0.31, 4: 0.245, 5: 0.19 },
  ewc: { 5: 0.2 },
  replay: { 5: 0.9 },
};

/** What else MPVI's rows measure. */
const choices = {
  'mpvi, weights alone': 'byWeights',
  'mpvi, surest component': 'bySurest',
  'gate alone': 'gateAlone',
  'Gaussian on pixels': 'gaussianPixels',
  'Gaussian on features': 'gaussianFeatures',
  'task found by the gate': 'taskAccuracy',
} as const;

/**
 * Digits learned pair after pair, ten outputs, no task named at test, no image kept (methods 3): accuracy on all classes seen after each pair.
 * @throws AppError `reproduce/settings`, `reproduce/no-images`, `reproduce/no-results`
 */
export async function splitMnist(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'reproduce'>,
): Promise<Reproduction> {
  const { data, images = data } = parseSettings(experiment, optionsSchema, request.options);
  const methods = parseMethods(experiment, splitMethods, request.methods);
  const settings = parseSettings(experiment, splitSettingsSchema, {
    ...(request.quick && quickSplitSettings),
    ...request.settings,
  });
  const place = { out: request.out, name: request.quick ? `${experiment}-quick` : experiment };
  if (request.draw) return redraw(ports, place);
  const seeds = request.seeds ?? (request.quick ? [0] : [0, 1, 2, 3, 4]);
  const splits = await readDigits(ports.results, 'mnist', images === undefined ? [] : [images]);
  const plan = { settings, place, splits };
  for (const seed of seeds)
    for (const method of methods) {
      await runSplit(ports, context, { ...plan, method, seed });
      await assemble(ports, plan, request.quick);
    }
  return assemble(ports, plan, request.quick);
}

/** Everything that the folder holds of these settings, whichever command made it. */
async function assemble(
  ports: Ports,
  { settings, place }: Pick<SplitPlan, 'settings' | 'place'>,
  quick: boolean,
): Promise<Reproduction> {
  const keyOf = ({ method, seed }: { readonly method: string; readonly seed: number }) =>
    splitRunKey(ports, { method: method as SplitMethod, seed, settings }); // `readRuns` asks for the methods given
  const runs = await readRuns(ports, place, { methods: splitMethods, keyOf });
  const summary = summariseRuns(runs, { count: 'tasks', measure: 'accuracy' });
  const reproduction: Reproduction = {
    version: 1,
    experiment: place.name,
    measure,
    counts: 'number of tasks',
    quick,
    settings: { ...protocol, settings },
    summary,
    further: filled({
      'half of the 95 % interval of the accuracy over seeds': halfWidths(summary),
      'accuracy by what else predicts, of the same runs': summariseMeasures(runs, 'mpvi', choices),
      'bytes kept for each past task': {
        ...summariseMeasures(runs, 'mpvi', { 'mpvi, component': 'componentBytes', 'mpvi, gate': 'gateBytes' }),
        ...summariseMeasures(runs, 'ewc', { 'ewc, anchor': 'anchorBytes' }),
      },
    }),
    published: { [measure]: published },
    runs: [...runs],
  };
  await writeReproduction(ports, place, reproduction);
  return reproduction;
}

/** Several measures of one method's rows, each under a name of its own. */
function summariseMeasures(
  runs: readonly ReproductionRun[],
  method: SplitMethod,
  measures: Readonly<Record<string, string>>,
): Reproduction['summary'] {
  const own = runs.filter((run) => run.method === method);
  return Object.fromEntries(
    Object.entries(measures).flatMap(([name, key]) => {
      const found = summariseRuns(own, { count: 'tasks', measure: key })[method];
      return found ? [[name, found]] : [];
    }),
  );
}

/** Where there are two seeds at least. */
function halfWidths(summary: Reproduction['summary']): Reproduction['summary'] {
  const ofRow = (row: Reproduction['summary'][string]) =>
    Object.entries(row).flatMap(([count, { standardDeviation, seeds }]) =>
      standardDeviation === null
        ? []
        : [[count, { mean: intervalHalfWidth(standardDeviation, seeds), standardDeviation: null, seeds }] as const],
    );
  return Object.fromEntries(
    Object.entries(summary).flatMap(([method, row]) => {
      const found = ofRow(row);
      return found.length > 0 ? [[method, Object.fromEntries(found)]] : [];
    }),
  );
}

/** The tables that have a row. */
const filled = (tables: Reproduction['further']): Reproduction['further'] =>
  Object.fromEntries(Object.entries(tables).filter(([, table]) => Object.keys(table).length > 0));

const protocol = {
  task: 'pairs 0/1, 2/3, 4/5, 6/7, 8/9 in this order; LeNet-5 (61,706 weights, ReLU, max pooling), ten outputs, no task named; each image is classified by itself',
  split: '50,000 training, 10,000 validation and 10,000 test images; settings were chosen on validation images',
  naive: 'the most probable weights under N(0, priorDeviation^2), from the weights before',
  ewc: 'the same, held by an anchor of every past task: mean of the squared gradients of single images, labels drawn from the prediction',
  mpvi: 'a factorised Gaussian over the weights for each pair under the same prior, from a random start; mixture weights are shares of the images; the gate is Bayes’ rule with a density for each class: a mixture of probabilistic principal component analysers on images pooled to 14 x 14',
  replay: 'the most probable weights given all images so far, which no other method may keep',
};
