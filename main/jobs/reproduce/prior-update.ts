import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction } from '../../../contract/reproduction.ts';
import { kernelVoxels } from '../../numerics/models/unet-weights.ts';
import type { GroupKernels } from '../../numerics/priors/kernel-collection.ts';
import { readKernels } from '../learn-prior.ts';
import type { JobContext, Ports } from '../ports.ts';
import { surveySources } from '../survey-sources.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import {
  type PriorUpdateMethod,
  type PriorUpdatePlan,
  priorUpdateExperiment,
  priorUpdateMethods,
  priorUpdateSettingsSchema,
  runKeyOf,
  runUpdate,
} from './prior-update-run.ts';
import { readRuns, redraw, writeReproduction } from './reproduction-files.ts';
import { summariseRuns } from './summarise-runs.ts';

const measure = 'NLL of held-out kernels, nats a kernel, mean of both data sets';

const quickSettings = { steps: 4, components: 2, judged: 20, importanceSamples: 4 };

/** Folders of source nets' snapshots. */
const optionsSchema = z.strictObject({ old: z.string(), sources: z.string() });

/**
 * A prior meets the kernels of a second data set (methods 5): BooVAE without the old kernels, beside plain fine-tuning and beside retraining on
 * both. A row a data set learned; each group's NLL is weighed by its kernels.
 * @throws AppError `prior/too-few-nets`, `prior/nets-differ`, `reproduce/settings`, `reproduce/no-results`
 */
export async function priorUpdate(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'reproduce'>,
): Promise<Reproduction> {
  const asked = parseMethods(priorUpdateExperiment, priorUpdateMethods, request.methods);
  const settings = parseSettings(priorUpdateExperiment, priorUpdateSettingsSchema, {
    ...(request.quick && quickSettings),
    ...request.settings,
  });
  const place = { out: request.out, name: request.quick ? `${priorUpdateExperiment}-quick` : priorUpdateExperiment };
  if (request.draw) return redraw(ports, place);
  const folders = parseSettings(priorUpdateExperiment, optionsSchema, request.options);
  const [old, fresh] = [
    await readSources(ports, context, folders.old),
    await readSources(ports, context, folders.sources),
  ];
  const shared = { settings, place, old, fresh, sources: [...old.hashes, ...fresh.hashes] };
  for (const seed of request.seeds ?? (request.quick ? [0] : [0, 1, 2]))
    for (const method of asked) {
      await runUpdate(ports, context, { ...shared, method, seed });
      await assemble(ports, shared, request.quick);
    }
  return assemble(ports, shared, request.quick);
}

async function readSources(ports: Ports, context: JobContext, sources: string) {
  const found = await surveySources(ports, { sources });
  const kernels = await readKernels(ports, context, sources, found);
  return { ...kernels, hashes: found.snapshots.map(({ sha256 }) => sha256) };
}

async function assemble(
  ports: Ports,
  { settings, place, sources, old, fresh }: Omit<PriorUpdatePlan, 'method' | 'seed'>,
  quick: boolean,
): Promise<Reproduction> {
  const runs = await readRuns(ports, place, {
    methods: priorUpdateMethods,
    keyOf: ({ method, seed }) => runKeyOf(ports, { method: method as PriorUpdateMethod, seed, settings, sources }), // of the methods given
  });
  const summarise = (key: string) => summariseRuns(runs, { count: 'tasks', measure: key });
  const count = (kernels: readonly GroupKernels[]) =>
    kernels.reduce((sum, { values }) => sum + values.length / kernelVoxels, 0);
  const reproduction: Reproduction = {
    version: 1,
    experiment: place.name,
    measure,
    counts: 'data sets learned',
    quick,
    settings: {
      kernels: {
        old: count(old.training),
        new: count(fresh.training),
        heldOutOld: count(old.heldOut),
        heldOutNew: count(fresh.heldOut),
      },
      ...protocol,
      settings,
    },
    summary: summarise('nll'),
    further: {
      'NLL of the old data set': summarise('nllOld'),
      'NLL of the new data set': summarise('nllNew'),
      'components of the new data set, all groups': summarise('components'),
    },
    published: {},
    runs: [...runs],
  };
  await writeReproduction(ports, place, reproduction);
  return reproduction;
}

const protocol = {
  task: 'seven kernel VAEs learn the kernels of one data set’s source nets, then of another’s; held-out nets of both judge, by importance sampling',
  boo: 'components of the new kernels by boosting, each data set weighs the same; old decoder and encoder held by two KL terms at codes of the old prior; no old kernel',
  'fine-tuning': 'the same VAE trained on by the plain bound under N(0, I)',
  retraining: 'new VAEs on the kernels of both, which boosting may not keep; twice the steps',
};
