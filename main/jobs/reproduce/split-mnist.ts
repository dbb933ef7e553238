import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction, ReproductionRun } from '../../../contract/reproduction.ts';
import type { JobContext, Ports } from '../ports.ts';
import { readDigits } from './digit-images.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { readRuns, redraw, writeReproduction } from './reproduction-files.ts';
import { runSplit, type SplitPlan, splitRunKey } from './split-mnist-run.ts';
import { quickSplitSettings, type SplitMethod, splitMethods, splitSettingsSchema } from './split-mnist-settings.ts';
import { summariseRuns } from './summarise-runs.ts';

const experiment = 'split-mnist';
const measure = 'accuracy on all classes seen';

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
  const { data } = parseSettings(experiment, z.strictObject({ data: z.string().optional() }), request.options);
  const methods = parseMethods(experiment, splitMethods, request.methods);
  const settings = parseSettings(experiment, splitSettingsSchema, {
    ...(request.quick && quickSplitSettings),
    ...request.settings,
  });
  const place = { out: request.out, name: request.quick ? `${experiment}-quick` : experiment };
  if (request.draw) return redraw(ports, place);
  const seeds = request.seeds ?? (request.quick ? [0] : [0, 1, 2, 3, 4]);
  const splits = await readDigits(ports.results, 'mnist', data === undefined ? [] : [data]);
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
  const reproduction: Reproduction = {
    version: 1,
    experiment: place.name,
    measure,
    counts: 'number of tasks',
    quick,
    settings: { ...protocol, settings },
    summary: summariseRuns(runs, { count: 'tasks', measure: 'accuracy' }),
    further: { 'accuracy by what else predicts, of the same runs': summariseChoices(runs) },
    published: { [measure]: published },
    runs: [...runs],
  };
  await writeReproduction(ports, place, reproduction);
  return reproduction;
}

function summariseChoices(runs: readonly ReproductionRun[]): Reproduction['summary'] {
  const ours = runs.filter(({ method }) => method === 'mpvi');
  return Object.fromEntries(
    Object.entries(choices).flatMap(([name, own]) => {
      const found = summariseRuns(ours, { count: 'tasks', measure: own })['mpvi'];
      return found ? [[name, found]] : [];
    }),
  );
}

const protocol = {
  task: 'pairs 0/1, 2/3, 4/5, 6/7, 8/9 in this order; LeNet-5 (61,706 weights, ReLU, max pooling), ten outputs, no task named; each image is classified by itself',
  split: '50,000 training, 10,000 validation and 10,000 test images; settings were chosen on validation images',
  naive: 'the most probable weights under N(0, priorDeviation^2), from the weights before',
  ewc: 'the same, held by an anchor of every past task: mean of the squared gradients of single images, labels drawn from the prediction',
  mpvi: 'a factorised Gaussian over the weights for each pair under the same prior, from a random start; mixture weights are shares of the images; the gate is Bayes’ rule with a density for each class: a mixture of probabilistic principal component analysers on images pooled to 14 x 14',
  replay: 'the most probable weights given all images so far, which no other method may keep',
};
