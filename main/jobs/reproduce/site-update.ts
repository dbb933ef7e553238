import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction } from '../../../contract/reproduction.ts';
import { foreignAcquisition } from '../../numerics/synthesis/acquisition.ts';
import type { JobContext, Ports, StoredPrior } from '../ports.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { type ReproductionPlace, readRuns, redraw, writeReproduction } from './reproduction-files.ts';
import { growthKey, measureGrowth } from './site-growth.ts';
import { runSites, siteRunKey } from './site-update-run.ts';
import {
  quickSiteSettings,
  type SiteMethod,
  type SiteSettings,
  siteMethods,
  siteSettingsSchema,
} from './site-update-settings.ts';
import { summariseRuns } from './summarise-runs.ts';
import { readTwoSites } from './two-sites.ts';

const experiment = 'site-update';
const measure = 'mean Dice of both sites';

const optionsSchema = z.strictObject({
  images: z.string(),
  labels: z.string(),
  prior: z.string().default('hippocampus-synthetic'),
});

const furtherMeasures = {
  'Dice at site A': 'diceA',
  'Dice at site B': 'diceB',
  'ECE at site A': 'eceA',
  'ECE at site B': 'eceB',
  'AUROC of entropy for wrong voxels at site A': 'aurocA',
  'AUROC of entropy for wrong voxels at site B': 'aurocB',
  'share of volume intervals that hold the truth at site A': 'coverageA',
  'share of volume intervals that hold the truth at site B': 'coverageB',
  'NLL at site A, nats a voxel': 'nllA',
  'NLL at site B, nats a voxel': 'nllB',
  'training at the last site, ms': 'trainingMs',
  'segmenting and judging, ms a scan': 'msAScan',
} as const;

/**
 * A hospital's model meets a second scanner (methods 5): adapted at site A, updated at site B without A's scans; both judged before and after.
 * Trainings that methods share are done once; each finished row is kept at once.
 * @throws AppError `reproduce/settings`, `reproduce/no-results`, and those of reading scans
 */
export async function siteUpdate(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'reproduce'>,
): Promise<Reproduction> {
  const methods = parseMethods(experiment, siteMethods, request.methods);
  const settings = parseSettings(experiment, siteSettingsSchema, {
    ...(request.quick && quickSiteSettings),
    ...request.settings,
  });
  const place = { out: request.out, name: request.quick ? `${experiment}-quick` : experiment };
  if (request.draw) return redraw(ports, place);
  const { images, labels, prior: name } = parseSettings(experiment, optionsSchema, request.options);
  const prior = await ports.priors.load(name);
  const dataset = await ports.scans.readDataset({ images, labels });
  const seeds = request.seeds ?? (request.quick ? [0] : [0, 1, 2]);
  const shared = { settings, place, prior };
  for (const seed of seeds) {
    const sites = await readTwoSites(ports, dataset, settings, seed);
    for (const method of methods) {
      await runSites(ports, context, { ...shared, sites, method, seed });
      await assemble(ports, shared, request.quick);
    }
    await measureGrowth(ports, context, { ...shared, sites, seed });
  }
  return assemble(ports, shared, request.quick);
}

/** Everything that the folder holds of these settings, whichever command made it. */
async function assemble(
  ports: Ports,
  shared: { readonly settings: SiteSettings; readonly place: ReproductionPlace; readonly prior: StoredPrior },
  quick: boolean,
): Promise<Reproduction> {
  const { settings, place } = shared;
  const keyOf = ({ method, seed }: { readonly method: string; readonly seed: number }) =>
    siteRunKey(ports, { ...shared, method: method as SiteMethod, seed }); // `readRuns` asks for the methods given
  const runs = await readRuns(ports, place, { methods: siteMethods, keyOf });
  const growth = await readRuns(ports, place, { methods: ['growth'], keyOf: () => growthKey(ports, settings) });
  const tables = Object.entries(furtherMeasures).map(
    ([title, key]) => [title, summariseRuns(runs, { count: 'sites', measure: key })] as const,
  );
  const grown = Object.entries({
    'weights, bytes': 'bytes',
    'gates, bytes': 'gateBytes',
    'one scan by gate, ms': 'gateMs',
    'one scan by weights, ms': 'weightsMs',
    'one scan by entropy, ms': 'entropyMs',
  }).map(
    ([title, key]) =>
      [`${title}, of a mixture of so many sites`, summariseRuns(growth, { count: 'sites', measure: key })] as const,
  );
  const reproduction: Reproduction = {
    version: 1,
    experiment: place.name,
    measure,
    counts: 'sites learned',
    quick,
    settings: { ...protocol, foreignAcquisition, settings },
    summary: summariseRuns(runs, { count: 'sites', measure: 'dice' }),
    further: Object.fromEntries([...tables, ...grown].filter(([, table]) => Object.keys(table).length > 0)),
    published: {},
    runs: [...runs, ...growth],
  };
  await writeReproduction(ports, place, reproduction);
  return reproduction;
}

const protocol = {
  task: 'hippocampus, two structures; site A shows the scans as they are, site B other patients as another scanner would show them (`acquire`, `foreignAcquisition`)',
  split:
    'training scans of names 41 to 140, A and B drawn without overlap by the seed; test scans at equal distances among names 141 to 200, in turn for A and B; settings were chosen on names 1 to 40',
  naive: 'the posterior of A is trained on at B by the same variational objective',
  ewc: 'the same, held by an anchor at A: mean of the squared gradients of single scans times the voxels of a patch',
  mpvi: 'a component for B from the centre of A, its weight the share of scans; samples go to the component that the gate (quantiles, roughness, low frequencies of the scan) finds; by weights and by the least entropy beside it',
  consolidated:
    'one Gaussian distilled from the mixture on the scans of B: as they are and in the histograms that the gates keep, labelled by the mixture',
  replay:
    'both sites’ scans from the prior with the steps of both stages, which no other method may keep; `ensemble`: random starts on the same',
  reductions:
    'few steps and a smaller training patch than the product’s 1,000 and whole crop; few samples and test scans: a comparison of methods, not the best Dice',
};
