import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction } from '../../../contract/reproduction.ts';
import type { JobContext, Ports } from '../ports.ts';
import { publishedOfflineNll } from './boovae-published.ts';
import { type BoovaeMethod, parseBoovaeSettings, quickSettings } from './boovae-settings.ts';
import { readDigits } from './digit-images.ts';
import { classifierWidth, imageClassifier } from './image-classifier.ts';
import { type OfflinePlan, offlineRunKey, runOffline } from './offline-run.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { readRuns, redraw, writeReproduction } from './reproduction-files.ts';
import { summariseRuns } from './summarise-runs.ts';

const experiment = 'boovae-offline';
const offlineMethods = ['vamp', 'boo'] as const satisfies readonly BoovaeMethod[];

const optionsSchema = z.strictObject({
  data: z.enum(['mnist', 'fashion']).default('mnist'),
  /** Numbers of components, a training each. */
  components: z.array(z.number().int().min(2)).min(1).default([10, 20, 50, 100]),
  /** Folder of the four idx files. */
  images: z.string().optional(),
});

/** What differs from the continual experiment: ten times the images a task, and one component an epoch, as the authors add them. */
const offlineSettings = { batch: 500, epochs: 160, warmUp: 20, plateau: 8, additionEvery: 1 } as const;
const quickOffline = { ...quickSettings, epochs: 5, components: 3, stratified: 100 } as const;

/**
 * Boosting beside the VampPrior where all classes are learned at once: NLL by number of components (methods 4). Each finished row is
 * kept at once; a training that was killed goes on in its middle.
 * @throws AppError `reproduce/settings`, `reproduce/no-images`, `reproduce/no-results`
 */
export async function boovaeOffline(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'reproduce'>,
): Promise<Reproduction> {
  const quickOptions = request.quick ? { components: [2, 3] } : {};
  const { data, components, images } = parseSettings(experiment, optionsSchema, {
    ...quickOptions,
    ...request.options,
  });
  const methods = parseMethods(experiment, offlineMethods, request.methods);
  const changes = { ...offlineSettings, ...(request.quick && quickOffline), ...request.settings };
  const rows = components.map((count) => parseBoovaeSettings(experiment, data, { ...changes, components: count }));
  const name = [experiment, ...(data === 'mnist' ? [] : [data]), ...(request.quick ? ['quick'] : [])].join('-');
  const place = { out: request.out, name };
  if (request.draw) return redraw(ports, place);
  const splits = await readDigits(ports.results, data, images === undefined ? [] : [images]);
  const epochs = rows[0]!.classifierEpochs; // there is at least one number of components
  const classifier = await imageClassifier(ports, context, { data, splits, epochs });
  const shared = { data, settings: rows[0]!, place, splits, classifier };
  for (const seed of request.seeds ?? (request.quick ? [0] : [0, 1, 2])) {
    for (const settings of rows) {
      for (const method of methods) {
        await runOffline(ports, context, { ...shared, settings, method, seed }, components);
        await assemble(ports, shared, request.quick);
      }
    }
  }
  return assemble(ports, shared, request.quick);
}

/** Everything that the folder holds of these settings, whichever command made it. */
async function assemble(
  ports: Ports,
  shared: Omit<OfflinePlan, 'method' | 'seed'>,
  quick: boolean,
): Promise<Reproduction> {
  const { data, settings, place, classifier } = shared;
  const keyOf = ({ method, seed }: { readonly method: string; readonly seed: number }) =>
    offlineRunKey(ports, { ...shared, method: method as BoovaeMethod, seed }); // `readRuns` asks for the methods given
  const runs = await readRuns(ports, place, { methods: offlineMethods, keyOf });
  const summarise = (measure: string) => summariseRuns(runs, { count: 'components', measure });
  const { components: _row, ...sharedSettings } = settings;
  const reproduction: Reproduction = {
    version: 1,
    experiment: place.name,
    measure: 'NLL',
    counts: 'number of components',
    quick,
    settings: {
      data,
      split: '50,000 training, 10,000 validation, 10,000 test images, all classes at once',
      likelihood: `grey levels as Bernoulli means, not binarised; ${settings.samples} importance samples; all ${settings.judgedOn} images; nats an image`,
      diversity: `KL in nats from uniform of the classes of ${settings.generated} generated images`,
      classifier: `784-${classifierWidth}-${classifierWidth}-10, ReLU, ${settings.classifierEpochs} epochs; accuracy ${classifier.accuracy} on the test images`,
      settings: sharedSettings,
    },
    summary: summarise('nll'),
    further: { diversity: summarise('diversity'), 'components kept': summarise('keptComponents') },
    published: { NLL: publishedOfflineNll[data] },
    runs: [...runs],
  };
  await writeReproduction(ports, place, reproduction);
  return reproduction;
}
