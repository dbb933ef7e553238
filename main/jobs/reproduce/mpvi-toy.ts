import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction } from '../../../contract/reproduction.ts';
import type { JobContext, Ports } from '../ports.ts';
import { runToy, type ToyPlan, toyMethods, toyRunKey, toySettingsSchema } from './mpvi-toy-run.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { type ReproductionPlace, readRuns, redraw, writeReproduction } from './reproduction-files.ts';
import { summariseRuns } from './summarise-runs.ts';

const experiment = 'mpvi-toy';
const quickSettings = { components: 3, steps: 200, evidence: 500 };

/**
 * MaxEntropy Pursuit on a target in the plane that has a known density: KL after each component, and how the first two lie on the two
 * groups of the target. Each component is kept at once.
 * @throws AppError `reproduce/settings`, `reproduce/no-results`
 */
export async function mpviToy(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'reproduce'>,
): Promise<Reproduction> {
  parseSettings(experiment, z.strictObject({}), request.options);
  const methods = parseMethods(experiment, toyMethods, request.methods);
  const settings = parseSettings(experiment, toySettingsSchema, {
    ...(request.quick && quickSettings),
    ...request.settings,
  });
  const place = { out: request.out, name: request.quick ? `${experiment}-quick` : experiment };
  if (request.draw) return drawAll(ports, place, await redraw(ports, place));
  const seeds = request.seeds ?? (request.quick ? [0] : [0, 1, 2, 3, 4]);
  for (const seed of seeds)
    for (const method of methods) await runToy(ports, context, { method, seed, settings, place });
  const reproduction = await assemble(ports, { settings, place }, request.quick);
  await writeReproduction(ports, place, reproduction);
  return drawAll(ports, place, reproduction);
}

async function assemble(
  ports: Ports,
  { settings, place }: Pick<ToyPlan, 'settings' | 'place'>,
  quick: boolean,
): Promise<Reproduction> {
  const keyOf = ({ method, seed }: { readonly method: string; readonly seed: number }) =>
    toyRunKey(ports, { method: method as ToyPlan['method'], seed, settings }); // `readRuns` asks for the methods given
  const runs = await readRuns(ports, place, { methods: toyMethods, keyOf });
  const summarise = (measure: string) => summariseRuns(runs, { count: 'components', measure });
  return {
    version: 1,
    experiment: place.name,
    measure: 'KL to the target, nats',
    counts: 'number of components',
    quick,
    settings: {
      target:
        'two groups of four round blobs of deviation 0.5 in the plane, drawn for each seed; weights about 0.6 and 0.4',
      lambda:
        'the objective of MaxEntropy Pursuit, weight by line search, all weights refitted; stops where the estimated gap closes',
      'fixed-weight': 'KL of the whole mixture at the weight 1 / components, at least 0.1, then the same',
      KL: 'by summation over a grid',
      settings,
    },
    summary: summarise('kl'),
    further: {
      'KL of the worse of two components to the Gaussian with its group’s moments, nats': summarise('groupKl'),
      'distance of the weights from the groups’ shares': summarise('groupWeightError'),
      'estimated duality gap before the component, nats': summarise('gap'),
    },
    published: {},
    runs: [...runs],
  };
}

async function drawAll(
  ports: Ports,
  { out, name }: ReproductionPlace,
  reproduction: Reproduction,
): Promise<Reproduction> {
  await ports.results.writePursuitPlot(`${out}/${name}.svg`, reproduction);
  return reproduction;
}
