import type { NamedArrays } from '../models/named-arrays.ts';
import type { RandomKey } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord, toArrays, toTensors } from '../tensors/tensor-record.ts';
import { type AdamState, adamDispose, adamInit, adamStep } from './adam.ts';
import type { Objective } from './objective.ts';
import type { Example } from './segmentation-gradient.ts';

/** A training between two steps. Owns its tensors; whoever holds the last state disposes it. */
export interface TrainingState {
  readonly step: number;
  readonly parameters: TensorRecord;
  readonly adam: AdamState;
}

export function startTraining(start: NamedArrays): TrainingState {
  const parameters = toTensors(start);
  return { step: 0, parameters, adam: adamInit(parameters) };
}

/** One step; takes over the state and the batch stays the caller's. */
export function trainingStep(
  objective: Objective,
  state: TrainingState,
  batch: readonly Example[],
  { rate, key }: { readonly rate: number; readonly key: RandomKey },
): { readonly state: TrainingState; readonly info: Readonly<Record<string, number>> } {
  const { gradients, info } = objective.gradient(state.parameters, batch, key);
  const next = adamStep(state.adam, state.parameters, gradients, rate);
  for (const name of Object.keys(gradients)) state.parameters[name]!.dispose();
  disposeRecord(gradients);
  return { state: { step: state.step + 1, parameters: next.parameters, adam: next.state }, info };
}

export function disposeTraining(state: TrainingState): void {
  disposeRecord(state.parameters);
  adamDispose(state.adam);
}

/** Everything that continues the training bit for bit; `step` goes beside it. */
export const trainingArrays = ({ parameters, adam }: TrainingState): NamedArrays => ({
  ...prefixed('parameter', toArrays(parameters)),
  ...prefixed('first-moment', toArrays(adam.firstMoment)),
  ...prefixed('second-moment', toArrays(adam.secondMoment)),
});

export function restoreTraining(arrays: NamedArrays, step: number): TrainingState {
  const part = (prefix: string) =>
    toTensors(
      Object.fromEntries(
        Object.entries(arrays)
          .filter(([name]) => name.startsWith(`${prefix}:`))
          .map(([name, value]) => [name.slice(prefix.length + 1), value]),
      ),
    );
  return {
    step,
    parameters: part('parameter'),
    adam: { step, firstMoment: part('first-moment'), secondMoment: part('second-moment') },
  };
}

const prefixed = (prefix: string, arrays: NamedArrays): NamedArrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, value]) => [`${prefix}:${name}`, value]));
