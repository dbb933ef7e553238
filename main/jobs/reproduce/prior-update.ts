import { z } from 'zod';
import type { JobRequest } from '../../../contract/jobs.ts';
import type { Reproduction, ReproductionRun } from '../../../contract/reproduction.ts';
import type { NamedArrays } from '../../numerics/models/named-arrays.ts';
import { kernelVoxels } from '../../numerics/models/unet-weights.ts';
import { describeKernels, type GroupKernels, joinKernels } from '../../numerics/priors/kernel-collection.ts';
import { groupCount } from '../../numerics/priors/kernel-groups.ts';
import {
  disposeKernelVae,
  type KernelVaeState,
  kernelLogDensities,
  kernelVaeArrays,
  kernelVaeStep,
  resumeKernelVae,
  startKernelVae,
} from '../../numerics/priors/kernel-vae-training.ts';
import { derive, type RandomKey, rootKey } from '../../numerics/tensors/random.ts';
import { heldOutOf, readKernels, surveySources } from '../learn-prior.ts';
import type { JobContext, Ports } from '../ports.ts';
import { defaultKernelUpdate, updateKernelGroup } from '../update-kernel-group.ts';
import { parseMethods, parseSettings } from './parse-settings.ts';
import { type ReproductionPlace, readRun, readRuns, redraw, runFile, writeReproduction } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';
import { summariseRuns } from './summarise-runs.ts';

const experiment = 'prior-update';
const measure = 'NLL of held-out kernels, nats a kernel, mean of both data sets';

const methods = ['boo', 'fine-tuning', 'retraining'] as const;
type Method = (typeof methods)[number];

const positive = z.number().int().positive();
const settingsSchema = z.strictObject({
  /** Training steps of each VAE at each data set; retraining takes the sum. */
  steps: positive.default(400),
  batch: positive.default(128),
  rate: z.number().positive().default(1e-3),
  updateRate: z.number().positive().default(defaultKernelUpdate.rate),
  components: positive.default(defaultKernelUpdate.components),
  protection: z.number().nonnegative().default(defaultKernelUpdate.protection),
  /** Kernels that an NLL is estimated from, and codes for each. */
  judged: positive.default(500),
  importanceSamples: positive.default(64),
});
type Settings = z.infer<typeof settingsSchema>;
const quickSettings = { steps: 4, components: 2, judged: 20, importanceSamples: 4 };

/** Folders of source nets' snapshots. */
const optionsSchema = z.strictObject({ old: z.string(), sources: z.string() });

type Kernels = { readonly training: readonly GroupKernels[]; readonly heldOut: readonly GroupKernels[] };
interface Plan {
  readonly method: Method;
  readonly seed: number;
  readonly settings: Settings;
  readonly place: ReproductionPlace;
  readonly old: Kernels;
  readonly fresh: Kernels;
  /** Hashes of all snapshots. */
  readonly sources: readonly string[];
}

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
  const asked = parseMethods(experiment, methods, request.methods);
  const settings = parseSettings(experiment, settingsSchema, {
    ...(request.quick && quickSettings),
    ...request.settings,
  });
  const place = { out: request.out, name: request.quick ? `${experiment}-quick` : experiment };
  if (request.draw) return redraw(ports, place);
  const folders = parseSettings(experiment, optionsSchema, request.options);
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
  const { snapshots, net } = await surveySources(ports, sources);
  const heldOutMembers = heldOutOf([...new Set(snapshots.map(({ member }) => member))]);
  const kernels = await readKernels(ports, context, { request: { sources }, net, snapshots, heldOutMembers });
  return { ...kernels, hashes: snapshots.map(({ sha256 }) => sha256) };
}

const keyOf = (
  ports: Ports,
  { method, seed, settings, sources }: Pick<Plan, 'method' | 'seed' | 'settings' | 'sources'>,
) => ports.runs.keyOf({ experiment, version: 1, method, seed, settings, sources });

async function runUpdate(ports: Ports, context: JobContext, plan: Plan): Promise<ReproductionRun> {
  const { method, seed, settings } = plan;
  const key = keyOf(ports, plan);
  const earlier = await readRun(ports, plan.place, { method, seed, key });
  if (earlier?.finished) return earlier;
  const startedMs = ports.machine.nowMs();
  const sums = { 1: { old: 0, fresh: 0 }, 2: { old: 0, fresh: 0 } };
  let components = 0;
  const kernels = { old: 0, fresh: 0 };
  for (let group = 0; group < groupCount; group++) {
    const own = derive(rootKey(seed), experiment, group);
    const before = await firstVae(ports, context, plan, group, own);
    const after = await learned(context, { plan, before, group }, own);
    components += after.components;
    for (const set of ['old', 'fresh'] as const) {
      const { values } = plan[set].heldOut[group]!;
      const count = plan[set].training[group]!.values.length / kernelVoxels;
      kernels[set] += count;
      sums[1][set] += count * nllOf(before, values, settings, derive(own, 'judge'));
      sums[2][set] += count * nllOf(after.vae, values, settings, derive(own, 'judge'));
    }
  }
  const rowOf = (tasks: 1 | 2) => {
    const [old, fresh] = [sums[tasks].old / kernels.old, sums[tasks].fresh / kernels.fresh];
    return {
      tasks,
      nll: (old + fresh) / 2,
      nllOld: old,
      nllNew: fresh,
      ...(tasks === 2 && components > 0 && { components }),
    };
  };
  const run = extendRun(ports, beginRun(ports, { key, method, seed, settings }), {
    rows: [rowOf(1), rowOf(2)],
    finished: true,
    elapsedMs: ports.machine.nowMs() - startedMs,
  });
  await ports.results.writeJson(runFile(plan.place, run), run);
  return run;
}

/** The VAE of the first data set, which every method begins from: learned once a seed. */
async function firstVae(
  ports: Ports,
  context: JobContext,
  plan: Plan,
  group: number,
  key: RandomKey,
): Promise<NamedArrays> {
  const { steps, batch, rate } = plan.settings;
  const runKey = ports.runs.keyOf({
    experiment,
    stage: 'first',
    group,
    seed: plan.seed,
    sources: plan.sources,
    steps,
    batch,
    rate,
  });
  const found = await ports.runs.loadCheckpoint(runKey);
  if (found) return found.arrays;
  const { values } = plan.old.training[group]!;
  const start = startKernelVae(describeKernels(plan.old.training[group]!).spread, derive(key, 'start'));
  const vae = await trained(
    context,
    { state: start, kernels: values, settings: { steps, batch, rate, warmUp: 0.2 } },
    derive(key, 'first'),
  );
  await ports.runs.saveCheckpoint(runKey, { arrays: vae, state: {} });
  return vae;
}

async function learned(
  context: JobContext,
  { plan, before, group }: { readonly plan: Plan; readonly before: NamedArrays; readonly group: number },
  key: RandomKey,
): Promise<{ readonly vae: NamedArrays; readonly components: number }> {
  const { steps, batch, rate, updateRate, components, protection } = plan.settings;
  const fresh = plan.fresh.training[group]!;
  switch (plan.method) {
    case 'boo': {
      const recipe = { steps, batch, rate: updateRate, components, protection };
      return updateKernelGroup(context, {
        group: group + 1,
        old: before,
        kernels: fresh.values,
        recipe,
        key: derive(key, 'boo'),
      });
    }
    case 'fine-tuning': {
      const settings = { steps, batch, rate: updateRate, warmUp: 1e-9 };
      const state = resumeKernelVae(before);
      return {
        vae: await trained(context, { state, kernels: fresh.values, settings }, derive(key, 'tune')),
        components: 0,
      };
    }
    case 'retraining': {
      const [both] = [joinKernels([plan.old.training, plan.fresh.training])[group]!];
      const settings = { steps: 2 * steps, batch, rate, warmUp: 0.2 };
      const state = startKernelVae(describeKernels(both).spread, derive(key, 'start'));
      return {
        vae: await trained(context, { state, kernels: both.values, settings }, derive(key, 'both')),
        components: 0,
      };
    }
    default:
      throw plan.method satisfies never;
  }
}

async function trained(
  context: JobContext,
  {
    state: start,
    kernels,
    settings,
  }: {
    readonly state: KernelVaeState;
    readonly kernels: Float32Array;
    readonly settings: { steps: number; batch: number; rate: number; warmUp: number };
  },
  key: RandomKey,
): Promise<NamedArrays> {
  let state = start;
  try {
    for (let step = 0; step < settings.steps; step++) {
      if (step % 10 === 0) {
        await context.breathe('learning kernels');
        context.report({ phase: 'learning kernels', done: step, total: settings.steps, unit: 'steps' });
      }
      state = kernelVaeStep(state, kernels, settings, key).state;
    }
    return kernelVaeArrays(state);
  } finally {
    disposeKernelVae(state);
  }
}

function nllOf(
  vae: NamedArrays,
  kernels: Float32Array,
  { judged, importanceSamples }: Settings,
  key: RandomKey,
): number {
  const logs = kernelLogDensities(vae, kernels.slice(0, judged * kernelVoxels), importanceSamples, key);
  return -logs.reduce((sum, value) => sum + value, 0) / logs.length;
}

async function assemble(
  ports: Ports,
  { settings, place, sources, old, fresh }: Omit<Plan, 'method' | 'seed'>,
  quick: boolean,
): Promise<Reproduction> {
  const runs = await readRuns(ports, place, {
    methods,
    keyOf: ({ method, seed }) => keyOf(ports, { method: method as Method, seed, settings, sources }), // of the methods given
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
