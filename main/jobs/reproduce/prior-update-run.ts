import { z } from 'zod';
import type { ReproductionRun } from '../../../contract/reproduction.ts';
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
import { judgedKernels } from '../learn-kernel-group.ts';
import type { JobContext, Ports } from '../ports.ts';
import { defaultKernelUpdate, updateKernelGroup } from '../update-kernel-group.ts';
import { type ReproductionPlace, readRun, runFile } from './reproduction-files.ts';
import { beginRun, extendRun } from './run-record.ts';

export const priorUpdateExperiment = 'prior-update';

/** The prior's update, and its rivals. */
export const priorUpdateMethods = ['boo', 'fine-tuning', 'retraining'] as const;
export type PriorUpdateMethod = (typeof priorUpdateMethods)[number];

const positive = z.number().int().positive();
/** Everything that a run's outcome depends on beside method, seed and sources. Stored with each run. */
export const priorUpdateSettingsSchema = z.strictObject({
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
export type PriorUpdateSettings = z.infer<typeof priorUpdateSettingsSchema>;
/** Of each group. */
export type Kernels = { readonly training: readonly GroupKernels[]; readonly heldOut: readonly GroupKernels[] };
export interface PriorUpdatePlan {
  readonly method: PriorUpdateMethod;
  readonly seed: number;
  readonly settings: PriorUpdateSettings;
  readonly place: ReproductionPlace;
  readonly old: Kernels;
  readonly fresh: Kernels;
  /** Hashes of all snapshots. */
  readonly sources: readonly string[];
}

export const runKeyOf = (
  ports: Ports,
  { method, seed, settings, sources }: Pick<PriorUpdatePlan, 'method' | 'seed' | 'settings' | 'sources'>,
) => ports.runs.keyOf({ experiment: priorUpdateExperiment, version: 2, method, seed, settings, sources });

/** A first data set, then another, or what of that is not there yet. */
export async function runUpdate(ports: Ports, context: JobContext, plan: PriorUpdatePlan): Promise<ReproductionRun> {
  const { method, seed, settings } = plan;
  const key = runKeyOf(ports, plan);
  const earlier = await readRun(ports, plan.place, { method, seed, key });
  if (earlier?.finished) return earlier;
  const startedMs = ports.machine.nowMs();
  const sums = { 1: { old: 0, fresh: 0 }, 2: { old: 0, fresh: 0 } };
  let components = 0;
  const kernels = { old: 0, fresh: 0 };
  for (let group = 0; group < groupCount; group++) {
    const own = derive(rootKey(seed), priorUpdateExperiment, group);
    const before = await firstVae(ports, context, plan, group, own);
    const after = await learned(context, { plan, before, group }, own);
    components += after.components;
    for (const set of ['old', 'fresh'] as const) {
      const heldOut = plan[set].heldOut[group]!;
      const count = plan[set].training[group]!.values.length / kernelVoxels;
      kernels[set] += count;
      sums[1][set] += count * nllOf(before, heldOut, settings, derive(own, 'judge'));
      sums[2][set] += count * nllOf(after.vae, heldOut, settings, derive(own, 'judge'));
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
  plan: PriorUpdatePlan,
  group: number,
  key: RandomKey,
): Promise<NamedArrays> {
  const { steps, batch, rate } = plan.settings;
  const runKey = ports.runs.keyOf({
    priorUpdateExperiment,
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
  { plan, before, group }: { readonly plan: PriorUpdatePlan; readonly before: NamedArrays; readonly group: number },
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
  heldOut: GroupKernels,
  { judged, importanceSamples }: PriorUpdateSettings,
  key: RandomKey,
): number {
  const logs = kernelLogDensities(vae, judgedKernels(heldOut, judged, key), importanceSamples, key);
  return -logs.reduce((sum, value) => sum + value, 0) / logs.length;
}
