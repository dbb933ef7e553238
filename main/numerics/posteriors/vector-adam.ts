/** Kingma and Ba 2015, algorithm 1, over one vector on the host: the form for parameters that are kept as plain float64. */
export interface VectorAdam {
  readonly step: number;
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;
}

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

export const vectorAdamInit = (count: number): VectorAdam => ({
  step: 0,
  firstMoment: new Float64Array(count),
  secondMoment: new Float64Array(count),
});

/** One step; nothing that is passed in changes. */
export function vectorAdamStep(
  state: VectorAdam,
  values: Float64Array,
  gradient: Float64Array,
  rate: number,
): { readonly state: VectorAdam; readonly values: Float64Array } {
  const step = state.step + 1;
  const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
  const firstMoment = new Float64Array(values.length);
  const secondMoment = new Float64Array(values.length);
  const moved = new Float64Array(values.length);
  for (let n = 0; n < values.length; n++) {
    const slope = gradient[n]!;
    const m = beta1 * state.firstMoment[n]! + (1 - beta1) * slope;
    const v = beta2 * state.secondMoment[n]! + (1 - beta2) * slope * slope;
    firstMoment[n] = m;
    secondMoment[n] = v;
    moved[n] = values[n]! - (rate * m) / correction1 / (Math.sqrt(v / correction2) + epsilon);
  }
  return { state: { step, firstMoment, secondMoment }, values: moved };
}
