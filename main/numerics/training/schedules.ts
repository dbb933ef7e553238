/** Share of the base learning rate at a step; `step` counts from 0. */
export type Schedule = (step: number) => number;

/** Half a cosine from 1 to 0 over `steps` (Loshchilov and Hutter 2017), after a linear warm-up. */
export const cosineSchedule =
  (steps: number, warmUp = 0): Schedule =>
  (step) =>
    step < warmUp
      ? (step + 1) / warmUp
      : 0.5 * (1 + Math.cos((Math.PI * Math.min(step - warmUp, steps - warmUp)) / Math.max(1, steps - warmUp)));

/** Cosine cycles that start again at 1 (snapshot ensembles: Huang et al. 2017). */
export const cyclicalSchedule =
  (stepsPerCycle: number): Schedule =>
  (step) =>
    0.5 * (1 + Math.cos((Math.PI * (step % stepsPerCycle)) / stepsPerCycle));

/** The authors' rule: halved every `epochs` epochs. */
export const halvingSchedule =
  (stepsPerEpoch: number, epochs = 50): Schedule =>
  (step) =>
    0.5 ** Math.floor(step / (stepsPerEpoch * epochs));

/** Half a cosine over the share of the budget that is used, 0 to 1. */
export const cosineShare = (share: number): number => 0.5 * (1 + Math.cos(Math.PI * Math.min(1, share)));
