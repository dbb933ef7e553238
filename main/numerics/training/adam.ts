import { scalar, type Tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { disposeRecord, mapRecord, type TensorRecord } from '../tensors/tensor-record.ts';

/** Kingma and Ba 2015, algorithm 1. The state owns its tensors. */
export interface AdamState {
  readonly step: number;
  readonly firstMoment: TensorRecord;
  readonly secondMoment: TensorRecord;
}

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

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
  const size = (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
  const shift = epsilon * Math.sqrt(1 - beta2 ** step);
  const next = {
    parameters: { ...parameters },
    firstMoment: { ...state.firstMoment },
    secondMoment: { ...state.secondMoment },
  };
  for (const [name, gradient] of Object.entries(gradients)) {
    const [parameter, m, v] = tidy((): [Tensor, Tensor, Tensor] => {
      const m = state.firstMoment[name]!.mul(scalar(beta1)).add(gradient.mul(scalar(1 - beta1)));
      const v = state.secondMoment[name]!.mul(scalar(beta2)).add(gradient.square().mul(scalar(1 - beta2)));
      return [parameters[name]!.sub(m.mul(scalar(size)).div(v.sqrt().add(scalar(shift)))), m, v];
    });
    state.firstMoment[name]!.dispose();
    state.secondMoment[name]!.dispose();
    next.parameters[name] = parameter;
    next.firstMoment[name] = m;
    next.secondMoment[name] = v;
  }
  return {
    state: { step, firstMoment: next.firstMoment, secondMoment: next.secondMoment },
    parameters: next.parameters,
  };
}
