import { type Tensor, zerosLike } from '@tensorflow/tfjs-core';
import { fused } from '../tensors/fused/fused-functions.ts';
import { disposeRecord, mapRecord, type TensorRecord } from '../tensors/tensor-record.ts';

/** Kingma and Ba 2015, algorithm 1. The state owns its tensors. */
export interface AdamState {
  readonly step: number;
  readonly firstMoment: TensorRecord;
  readonly secondMoment: TensorRecord;
}

export const adamInit = (parameters: TensorRecord): AdamState => ({
  step: 0,
  firstMoment: mapRecord(parameters, (value) => zerosLike(value)),
  secondMoment: mapRecord(parameters, (value) => zerosLike(value)),
});

export const adamDispose = (state: AdamState): void => {
  disposeRecord(state.firstMoment);
  disposeRecord(state.secondMoment);
};

/**
 * One step. Only parameters that have a gradient move; the others come back as the same tensors.
 * Takes over the state: the old moments are disposed. The old parameters stay the caller's, to be disposed
 * where the returned tensor is another.
 */
export function adamStep(
  state: AdamState,
  parameters: TensorRecord,
  gradients: TensorRecord,
  rate: number,
): { state: AdamState; parameters: Record<string, Tensor> } {
  const step = state.step + 1;
  const next = {
    parameters: { ...parameters },
    firstMoment: { ...state.firstMoment },
    secondMoment: { ...state.secondMoment },
  };
  for (const [name, gradient] of Object.entries(gradients)) {
    const [firstMoment, secondMoment] = [state.firstMoment[name]!, state.secondMoment[name]!];
    const after = fused().adamUpdate({ parameter: parameters[name]!, firstMoment, secondMoment }, gradient, step, rate);
    firstMoment.dispose();
    secondMoment.dispose();
    next.parameters[name] = after.parameter;
    next.firstMoment[name] = after.firstMoment;
    next.secondMoment[name] = after.secondMoment;
  }
  return {
    state: { step, firstMoment: next.firstMoment, secondMoment: next.secondMoment },
    parameters: next.parameters,
  };
}
