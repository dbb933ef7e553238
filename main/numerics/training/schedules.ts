/** Share of the base learning rate at a step; `step` counts from 0. */
export type Schedule = (step: number) => number;

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
