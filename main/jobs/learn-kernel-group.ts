import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import { kernelVoxels } from '../numerics/models/unet-weights.ts';
import {
  factorisedLogDensity,
  fitGaussianMixture,
  mixtureLogDensity,
  type Points,
} from '../numerics/priors/gaussian-mixture.ts';
import { describeKernels, type GroupKernels } from '../numerics/priors/kernel-collection.ts';
import {
  disposeKernelVae,
  type KernelVaeSettings,
  kernelLogDensities,
  kernelVaeArrays,
  kernelVaeStep,
  startKernelVae,
} from '../numerics/priors/kernel-vae-training.ts';
import { drawKernels } from '../numerics/priors/stored-prior.ts';
import { derive, type RandomKey, shuffled } from '../numerics/tensors/random.ts';
import { disposeRecord, toTensors } from '../numerics/tensors/tensor-record.ts';
import { kernelPicture } from './kernel-picture.ts';
import type { JobContext } from './ports.ts';
import type { GreyPicture } from './result-ports.ts';

/** What is known of one group's VAE. NLL in nats a slice of 27 weights, on held-out nets; the VAE's by importance sampling. */
export interface GroupReport {
  readonly group: number;
  readonly training: ReturnType<typeof describeKernels>;
  readonly heldOut: ReturnType<typeof describeKernels>;
  readonly nll: {
    readonly vae: number;
    /** One Gaussian with full covariance. */
    readonly gaussian: number;
    /** A Gaussian for each weight by itself. */
    readonly factorised: number;
    readonly mixture: number;
  };
}

export interface GroupTask {
  readonly group: number;
  readonly training: GroupKernels;
  readonly heldOut: GroupKernels;
  readonly settings: KernelVaeSettings;
  /** Held-out slices that an NLL is estimated from, at most. */
  readonly judged: number;
  readonly key: RandomKey;
  /** The outcome of an earlier, interrupted run. */
  readonly learned: { readonly report: GroupReport | undefined; readonly vae: NamedArrays } | undefined;
}

export interface LearnedGroup {
  readonly report: GroupReport;
  readonly vae: NamedArrays;
  /** Real kernels above drawn ones. */
  readonly picture: GreyPicture;
}

/** Slices that a baseline is fitted to, and codes of each slice that an NLL is estimated from. */
const fittedKernels = 8000;
const importanceSamples = 64;
const mixtureSettings = { components: 8, iterations: 25, ridge: 1e-4 } as const;
const picturedKernels = 32;

/** Trains and judges the VAE of one group of layers. */
export async function learnGroup(context: JobContext, task: GroupTask): Promise<LearnedGroup> {
  const vae = task.learned?.vae ?? (await trainVae(context, task));
  const report = task.learned?.report ?? judge(task, vae);
  const tensors = toTensors(vae);
  const drawn = drawKernels(tensors, picturedKernels, derive(task.key, 'picture'));
  disposeRecord(tensors);
  const real = chosenKernels(task.heldOut, picturedKernels, derive(task.key, 'picture'));
  return { report, vae, picture: kernelPicture([real, drawn]) };
}

async function trainVae(context: JobContext, { group, training, settings, key }: GroupTask): Promise<NamedArrays> {
  const phase = `kernel VAE of group ${group}`;
  let state = startKernelVae(describeKernels(training).spread, derive(key, 'start'));
  try {
    let recent = 0;
    for (let step = 0; step < settings.steps; step++) {
      if (step % 10 === 0) await context.breathe(phase);
      const { state: next, info } = kernelVaeStep(state, training.values, settings, key);
      if (!Number.isFinite(info.loss))
        throw new RangeError(`the loss of group ${group}'s VAE is ${info.loss} at step ${step}`);
      state = next;
      recent = step === 0 ? info.loss : 0.98 * recent + 0.02 * info.loss;
      context.report({
        phase,
        done: step + 1,
        total: settings.steps,
        unit: 'steps',
        note: `${recent.toFixed(1)} nats a kernel`,
      });
    }
    return kernelVaeArrays(state);
  } finally {
    disposeKernelVae(state);
  }
}

function judge({ group, training, heldOut, judged, key }: GroupTask, vae: NamedArrays): GroupReport {
  const fitted = asPoints(chosenKernels(training, fittedKernels, derive(key, 'fitted')));
  const kernels = judgedKernels(heldOut, judged, key);
  const points = asPoints(kernels);
  const mixture = (settings: typeof mixtureSettings | { components: 1; iterations: 1; ridge: number }) =>
    mixtureLogDensity(fitGaussianMixture(fitted, settings, derive(key, 'mixture')), points);
  return {
    group,
    training: describeKernels(training),
    heldOut: describeKernels(heldOut),
    nll: {
      vae: nllOfVae(vae, kernels, key),
      gaussian: -meanOf(mixture({ components: 1, iterations: 1, ridge: mixtureSettings.ridge })),
      factorised: -meanOf(factorisedLogDensity(fitted, points)),
      mixture: -meanOf(mixture(mixtureSettings)),
    },
  };
}

/** The held-out slices that a group's priors are judged by, [n, 27]. */
export const judgedKernels = (heldOut: GroupKernels, judged: number, key: RandomKey): Float32Array =>
  chosenKernels(heldOut, judged, derive(key, 'judged'));

/** Nats a slice, by importance sampling. */
export const nllOfVae = (vae: NamedArrays, kernels: Float32Array, key: RandomKey): number =>
  -meanOf(kernelLogDensities(vae, kernels, importanceSamples, derive(key, 'evidence')));

const asPoints = (kernels: Float32Array): Points => ({ values: Float64Array.from(kernels), dimensions: kernelVoxels });
const meanOf = (values: ArrayLike<number>): number =>
  (Array.prototype.reduce.call(values, (sum, value) => (sum as number) + (value as number), 0) as number) /
  values.length;

/** At most `most` kernels of a group, drawn without replacement, [n, 27]. */
function chosenKernels({ values }: GroupKernels, most: number, key: RandomKey): Float32Array {
  const count = values.length / kernelVoxels;
  const chosen = shuffled(key, count).slice(0, most);
  const result = new Float32Array(chosen.length * kernelVoxels);
  for (const [n, from] of chosen.entries())
    result.set(values.subarray(from * kernelVoxels, (from + 1) * kernelVoxels), n * kernelVoxels);
  return result;
}
