import type { BoostedPrior } from '../../numerics/continual/boosting.ts';
import type { VaeState } from '../../numerics/continual/vae-step.ts';
import type { NamedArrays } from '../../numerics/models/named-arrays.ts';
import { toArrays, toTensors } from '../../numerics/tensors/tensor-record.ts';
import type { Checkpoint, Ports } from '../ports.ts';
import type { BoovaeSettings } from './boovae-settings.ts';
import { arraysUnder, withPrefix } from './learned-model.ts';

/** Where a task's training is between two epochs. Owns the tensors of `vae`. */
export interface TaskProgress {
  /** Epochs done. */
  readonly epochs: number;
  readonly vae: VaeState;
  readonly rate: number;
  readonly boosted: BoostedPrior | undefined;
  readonly best: { readonly bound: number; readonly epoch: number; readonly parameters: NamedArrays } | undefined;
  readonly halvedAt: number;
  /** Validation bound and protecting terms of the last epoch, nats an image. */
  readonly bound: number;
  readonly protection: number;
}

/** Counts an epoch: keeps the best once warm-up and additions are over, and halves the rate on a plateau. */
export function judgeEpoch(progress: TaskProgress, settings: BoovaeSettings): TaskProgress {
  const { epochs: epoch, bound } = progress;
  const next = { ...progress, epochs: epoch + 1 };
  if (epoch + 1 < settings.warmUp || isGrowing(progress.boosted, settings)) return next;
  if (!progress.best || bound < progress.best.bound) {
    return { ...next, best: { bound, epoch, parameters: toArrays(progress.vae.parameters) }, halvedAt: epoch };
  }
  if (epoch - progress.halvedAt < settings.plateau) return next;
  return { ...next, rate: progress.rate / 2, halvedAt: epoch };
}

export const isOver = ({ epochs, best }: TaskProgress, settings: BoovaeSettings): boolean =>
  epochs >= settings.epochs || (best !== undefined && epochs - 1 - best.epoch >= settings.patience);

const isGrowing = (boosted: BoostedPrior | undefined, settings: BoovaeSettings): boolean =>
  boosted !== undefined && boosted.inputs.length < settings.components && settings.weights !== 'optimised';

/** Attempts count, not components: a component of no weight is not added, and not asked for again. */
const attempts = (epoch: number, { firstAddition, additionEvery }: BoovaeSettings): number =>
  epoch < firstAddition ? 0 : 1 + Math.floor((epoch - firstAddition) / additionEvery);

/** Whether a component is added before the next epoch. */
export const isDueForAddition = ({ boosted, epochs }: TaskProgress, settings: BoovaeSettings): boolean =>
  boosted !== undefined &&
  attempts(epochs, settings) > attempts(epochs - 1, settings) &&
  attempts(epochs, settings) < settings.components;

/** Where the progress of a task is kept while it lives. */
export interface ProgressStore {
  load(): Promise<Checkpoint | undefined>;
  /** Saves where the last time is long enough ago; packs only then. */
  saveIfDue(pack: () => Checkpoint): Promise<void>;
  /** The task ended. */
  finish(): Promise<void>;
}

export function openProgressStore({ runs, machine }: Ports, of: Readonly<Record<string, unknown>>): ProgressStore {
  const key = runs.keyOf({ what: 'progress of a task 1', ...of });
  let savedMs = machine.nowMs();
  return {
    load: () => runs.loadCheckpoint(key),
    saveIfDue: async (pack) => {
      if (machine.nowMs() - savedMs < machine.checkpointEveryMs) return;
      await runs.saveCheckpoint(key, pack());
      savedMs = machine.nowMs();
    },
    finish: () => runs.finish(key, of),
  };
}

/** Plain numbers of a progress. */
interface PlainState {
  readonly epochs: number;
  readonly steps: number;
  readonly adamSteps: number;
  readonly rate: number;
  readonly halvedAt: number;
  readonly bound: number;
  readonly protection: number;
  readonly best: { readonly bound: number; readonly epoch: number } | undefined;
  readonly logWeights: readonly number[] | undefined;
}

export function packProgress({ vae, boosted, best, ...rest }: TaskProgress): Checkpoint {
  const inputs = boosted?.inputs.map((data, k) => [`${k}`, { shape: [data.length], data }] as const);
  const state: PlainState = {
    ...rest,
    steps: vae.step,
    adamSteps: vae.adam.step,
    best: best && { bound: best.bound, epoch: best.epoch },
    logWeights: boosted && Array.from(boosted.logWeights),
  };
  return {
    state: { ...state },
    arrays: {
      ...withPrefix(toArrays(vae.parameters), 'parameters/'),
      ...withPrefix(toArrays(vae.adam.firstMoment), 'first/'),
      ...withPrefix(toArrays(vae.adam.secondMoment), 'second/'),
      ...withPrefix(best?.parameters ?? {}, 'best/'),
      ...withPrefix(Object.fromEntries(inputs ?? []), 'inputs/'),
    },
  };
}

/** The progress that `packProgress` packed, to the bit; the caller owns its tensors. */
export function unpackProgress({ arrays, state }: Checkpoint): TaskProgress {
  const { steps, adamSteps, best, logWeights, ...rest } = state as unknown as PlainState; // as `packProgress` made it
  const inputs = arraysUnder(arrays, 'inputs/');
  return {
    ...rest,
    vae: {
      step: steps,
      parameters: toTensors(arraysUnder(arrays, 'parameters/')),
      adam: {
        step: adamSteps,
        firstMoment: toTensors(arraysUnder(arrays, 'first/')),
        secondMoment: toTensors(arraysUnder(arrays, 'second/')),
      },
    },
    best: best && { ...best, parameters: arraysUnder(arrays, 'best/') },
    boosted: logWeights && {
      inputs: logWeights.map((_, k) => inputs[k]!.data),
      logWeights: Float64Array.from(logWeights),
    },
  };
}
