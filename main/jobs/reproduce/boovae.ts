import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction } from '../../../contract/reproduction.ts';
import type { JobContext, Ports } from '../ports.ts';
import { publishedDiversity, publishedNll } from './boovae-published.ts';
import { type BoovaePlan, boovaeRunKey, runBoovae } from './boovae-run.ts';
import {
  type BoovaeMethod,
  type BoovaeSettings,
  boovaeMethods,
  parseBoovaeSettings,
  quickSettings,
} from './boovae-settings.ts';
import { readDigits } from './digit-images.ts';
import { classifierWidth, imageClassifier } from './image-classifier.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { readRuns, redraw, writeReproduction } from './reproduction-files.ts';
import { summariseRuns } from './summarise-runs.ts';

const experiment = 'boovae';
const classes = 10;

const optionsSchema = z.strictObject({
  data: z.enum(['mnist', 'fashion']).default('mnist'),
  /** The ten classes come in so many tasks, in order. */
  tasks: z
    .number()
    .int()
    .refine((tasks) => tasks > 0 && classes % tasks === 0, `it does not divide the ${classes} classes`)
    .default(10),
  /** Folder of the four idx files. */
  images: z.string().optional(),
});

/** The continual comparison; `vamp` belongs to the offline one, but may be asked for. */
const defaultMethods: readonly BoovaeMethod[] = ['standard', 'ewc', 'mog', 'boo', 'boo+ewc'];
const defaultSeeds = [0, 1, 2];

/**
 * BooVAE and its rivals on a stream of tasks of digits or clothes (methods 4): NLL and diversity on all tasks seen, after each task.
 * Each finished task is kept at once; a killed run goes on after its last one.
 * @throws AppError `reproduce/settings`, `reproduce/no-images`, `reproduce/no-results`
 */
export async function boovae(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'reproduce'>,
): Promise<Reproduction> {
  const { data, tasks, images } = parseSettings(experiment, optionsSchema, request.options);
  const methods = parseMethods(experiment, boovaeMethods, request.methods ?? defaultMethods);
  const settings = parseBoovaeSettings(experiment, data, { ...(request.quick && quickSettings), ...request.settings });
  const name = [
    experiment,
    data,
    ...(tasks === classes ? [] : [`${tasks}-tasks`]),
    ...(request.quick ? ['quick'] : []),
  ];
  const place = { out: request.out, name: name.join('-') };
  if (request.draw) return redraw(ports, place);
  const seeds = request.seeds ?? (request.quick ? [0] : defaultSeeds);
  const splits = await readDigits(ports.results, data, images === undefined ? [] : [images]);
  const classifier = await imageClassifier(ports, context, { data, splits, epochs: settings.classifierEpochs });
  const shared: Omit<BoovaePlan, 'method' | 'seed'> = { data, tasks, settings, place, splits, classifier };
  const report = (): Promise<Reproduction> => assemble(ports, shared, request.quick);
  for (const seed of seeds) {
    for (const method of methods) {
      await runBoovae(ports, context, { ...shared, method, seed });
      await report();
    }
  }
  return report();
}

/** Everything that the folder holds of these settings, whichever command made it. */
async function assemble(
  ports: Ports,
  shared: Omit<BoovaePlan, 'method' | 'seed'>,
  quick: boolean,
): Promise<Reproduction> {
  const { data, tasks, settings, place, classifier } = shared;
  const keyOf = ({ method, seed }: { readonly method: string; readonly seed: number }) =>
    boovaeRunKey(ports, { ...shared, method: method as BoovaeMethod, seed }); // `readRuns` asks for the methods given
  const runs = await readRuns(ports, place, { methods: boovaeMethods, keyOf });
  const summarise = (measure: string) => summariseRuns(runs, { count: 'tasks', measure });
  const reproduction: Reproduction = {
    version: 1,
    experiment: place.name,
    measure: 'NLL',
    counts: 'number of tasks',
    quick,
    settings: describe({ data, tasks, settings }, classifier.accuracy),
    summary: summarise('nll'),
    further: { diversity: summarise('diversity'), components: summarise('components') },
    published: tasks === classes ? { NLL: publishedNll[data], diversity: publishedDiversity[data] } : {},
    runs: [...runs],
  };
  await writeReproduction(ports, place, reproduction);
  return reproduction;
}

const describe = (
  { data, tasks, settings }: { readonly data: string; readonly tasks: number; readonly settings: BoovaeSettings },
  accuracy: number,
): Record<string, unknown> => ({
  data,
  tasks,
  split:
    '50,000 training, 10,000 validation, 10,000 test images; early stopping sees the validation images of the present task alone',
  likelihood: `grey levels as Bernoulli means, not binarised; ${settings.samples} importance samples; all ${settings.judgedOn} images after ${settings.fullTestAfter.join(', ')} tasks, else ${settings.stratified}, equally many of each class seen; nats an image`,
  diversity: `KL in nats from uniform of the classes of ${settings.generated} generated images; those taken for a class not seen yet are left out`,
  classifier: `784-${classifierWidth}-${classifierWidth}-10, ReLU, ${settings.classifierEpochs} epochs on the training images of all classes; accuracy ${accuracy} on the test images`,
  settings,
});
