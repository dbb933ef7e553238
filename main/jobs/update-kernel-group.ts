import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import {
  type AggregatePosterior,
  addComponent,
  type BoostedPrior,
  type BoostingSettings,
  boostedMixture,
  finishBoosting,
  firstComponent,
} from '../numerics/continual/boosting.ts';
import type { DiagonalMixture } from '../numerics/continual/diagonal-mixture.ts';
import { kernelEncoder } from '../numerics/continual/kernel-encoder.ts';
import { kernelUpdateStep } from '../numerics/continual/kernel-update.ts';
import { type LearnedTask, priorOfTasks } from '../numerics/continual/learned-tasks.ts';
import { decoderNames, encodeKernels, encoderNames, latentSize } from '../numerics/models/kernel-vae.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import { kernelVoxels } from '../numerics/models/unet-weights.ts';
import { tasksOfGroup, tasksToNamed } from '../numerics/priors/code-tasks.ts';
import {
  disposeKernelVae,
  type KernelVaeState,
  kernelVaeArrays,
  resumeKernelVae,
} from '../numerics/priors/kernel-vae-training.ts';
import { derive, type RandomKey, shuffled } from '../numerics/tensors/random.ts';
import { disposeRecord, toTensors } from '../numerics/tensors/tensor-record.ts';
import type { JobContext } from './ports.ts';

export interface KernelUpdateRecipe {
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  /** Components of the new data set at most. */
  readonly components: number;
  /** Weight of the protecting terms for each past data set. */
  readonly protection: number;
}

export const defaultKernelUpdate = { batch: 128, rate: 5e-4, components: 6, protection: 1 } as const;

/** Kernels that stand for the aggregate posterior: M of methods 4. */
const subset = 400;
/** Pseudo-kernels are in units of the group's spread. */
const boosting: BoostingSettings = {
  steps: 200,
  rate: 0.03,
  draws: 8,
  lambda: 1,
  window: 50,
  tolerance: 1e-2,
  weights: 'refitted',
  neighbours: 5,
  floor: 0.05,
  prune: 0.1,
};

/** Learns new kernels [n, 27] into one group's VAE, its components and codes protected; no old kernel is needed. */
export async function updateKernelGroup(
  context: JobContext,
  {
    group,
    old,
    kernels,
    recipe,
    key,
  }: {
    readonly group: number;
    readonly old: NamedArrays;
    readonly kernels: Float32Array;
    readonly recipe: KernelUpdateRecipe;
    readonly key: RandomKey;
  },
): Promise<{ readonly vae: NamedArrays; readonly components: number }> {
  const phase = `kernel VAE of group ${group}`;
  const tasks = tasksOfGroup(old);
  const network = Object.fromEntries([...encoderNames, ...decoderNames, 'scale'].map((name) => [name, old[name]!]));
  const before = toTensors(network);
  const past = {
    vae: before,
    mixture: priorOfTasks(tasks, kernelEncoder(before)),
    weight: recipe.protection * tasks.length,
  };
  let state = resumeKernelVae(network);
  try {
    let boosted = firstComponent(aggregateOf(state, kernels, derive(key, 'first')).images, kernelVoxels);
    const every = Math.ceil(recipe.steps / recipe.components);
    for (let step = 0; step < recipe.steps; step++) {
      if (step % 10 === 0) await context.breathe(phase);
      if (step > 0 && step % every === 0) boosted = added(state, boosted, kernels, derive(key, 'addition', step));
      const { state: next, info } = kernelUpdateStep(state, kernels, { settings: recipe, boosted, past }, key);
      state = next;
      if (!Number.isFinite(info.loss))
        throw new RangeError(`the loss of group ${group}'s VAE is ${info.loss} at step ${step}`);
      context.report({
        phase,
        done: step + 1,
        total: recipe.steps,
        unit: 'steps',
        note: `${info.loss.toFixed(1)} nats a kernel`,
      });
    }
    return finished(state, { boosted, tasks, kernels }, derive(key, 'finish'));
  } finally {
    disposeKernelVae(state);
    disposeRecord(before);
  }
}

const encoderOf = ({ parameters, scale }: KernelVaeState) => kernelEncoder({ ...parameters, scale });

function added(state: KernelVaeState, boosted: BoostedPrior, kernels: Float32Array, key: RandomKey): BoostedPrior {
  const [next] = addComponent(
    boosted,
    { aggregate: aggregateOf(state, kernels, key), encoder: encoderOf(state) },
    boosting,
    key,
  );
  return next;
}

function finished(
  state: KernelVaeState,
  {
    boosted,
    tasks,
    kernels,
  }: { readonly boosted: BoostedPrior; readonly tasks: readonly LearnedTask[]; readonly kernels: Float32Array },
  key: RandomKey,
) {
  const encoder = encoderOf(state);
  const { inputs, logWeights } = finishBoosting(
    boosted,
    { aggregate: aggregateOf(state, kernels, key), encoder },
    boosting,
    key,
  );
  const now = tasks.map(
    ({ inputs: own, mixture }): LearnedTask => ({
      inputs: own,
      mixture: own ? boostedMixture({ inputs: own, logWeights: mixture.logWeights }, encoder) : mixture,
    }),
  );
  const all = [...now, { inputs, mixture: boostedMixture({ inputs, logWeights }, encoder) }];
  return { vae: { ...kernelVaeArrays(state), ...tasksToNamed(all) }, components: inputs.length };
}

/** A random subset of the kernels in units of the spread, and their codes. */
function aggregateOf({ parameters, scale }: KernelVaeState, kernels: Float32Array, key: RandomKey): AggregatePosterior {
  const chosen = shuffled(derive(key, 'subset'), kernels.length / kernelVoxels).slice(0, subset);
  const rows = new Float32Array(chosen.length * kernelVoxels);
  for (const [n, from] of chosen.entries())
    rows.set(kernels.subarray(from * kernelVoxels, (from + 1) * kernelVoxels), n * kernelVoxels);
  const code = tidy(() => ({
    ...encodeKernels({ ...parameters, scale }, tensor2d(rows, [chosen.length, kernelVoxels])),
  }));
  const spread = scale.dataSync()[0]!;
  const codes: DiagonalMixture = {
    dimensions: latentSize,
    logWeights: new Float64Array(chosen.length).fill(-Math.log(chosen.length)),
    mean: Float64Array.from(code.mean.dataSync<'float32'>()),
    logVariance: Float64Array.from(code.logVariance.dataSync<'float32'>()),
  };
  disposeRecord({ ...code });
  return { images: rows.map((value) => value / spread), codes };
}
