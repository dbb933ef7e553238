import { scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** What Adam knows of one parameter. */
export interface AdamMoments<T = Tensor> {
  readonly parameter: T;
  readonly firstMoment: T;
  readonly secondMoment: T;
}

/** Kingma and Ba 2015: what their algorithm 1 leaves as constants. */
export const adamBeta1 = 0.9;
export const adamBeta2 = 0.999;
const epsilon = 1e-8;

/** Bias corrections of both moments folded into the step's size and epsilon. */
export const adamSizes = (step: number, rate: number): { readonly size: number; readonly shift: number } => ({
  size: (rate * Math.sqrt(1 - adamBeta2 ** step)) / (1 - adamBeta1 ** step),
  shift: epsilon * Math.sqrt(1 - adamBeta2 ** step),
});

/** One step of one parameter; `step` counts from 1. New tensors, the given ones stay as they are. */
export function adamUpdate(before: AdamMoments, gradient: Tensor, step: number, rate: number): AdamMoments {
  const { size, shift } = adamSizes(step, rate);
  const [parameter, firstMoment, secondMoment] = tidy((): [Tensor, Tensor, Tensor] => {
    const m = before.firstMoment.mul(scalar(adamBeta1)).add(gradient.mul(scalar(1 - adamBeta1)));
    const v = before.secondMoment.mul(scalar(adamBeta2)).add(gradient.square().mul(scalar(1 - adamBeta2)));
    return [before.parameter.sub(m.mul(scalar(size)).div(v.sqrt().add(scalar(shift)))), m, v];
  });
  return { parameter, firstMoment, secondMoment };
}
