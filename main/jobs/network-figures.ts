import type { PreprocessingPlan } from '../../contract/model.ts';
import type { LearningSlice } from '../../contract/progress.ts';
import { predictSample } from '../numerics/inference/predict-sample.ts';
import { countProbability, emptyCalibration, expectedCalibrationError } from '../numerics/metrics/calibration.ts';
import { nearStructure } from '../numerics/metrics/near-structure.ts';
import { overlap } from '../numerics/metrics/overlap.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { UnetWeights } from '../numerics/models/unet-weights.ts';
import type { PreparedCase } from './labelled-cases.ts';
import { learningSlice } from './learning-slice.ts';
import { predictionInput } from './prediction-input.ts';

export interface NetworkFigures {
  /** Mean Dice over structures and scans; a structure that is in neither image counts as 1. */
  readonly dice: number;
  /** Mean over structures of the expected calibration error within 5 mm of truth and prediction; null without voxels there. */
  readonly ece: number | null;
  /** The first scan, where it shows most. */
  readonly slice: LearningSlice;
}

/** Figures of one weight set on labelled scans; `temperature` divides its logits, 1 where absent. */
export async function networkFigures(
  net: UnetArchitecture,
  weights: UnetWeights,
  cases: readonly PreparedCase[],
  {
    plan,
    temperature,
    breathe,
  }: { readonly plan: PreprocessingPlan; readonly temperature?: number; readonly breathe: () => Promise<void> },
): Promise<NetworkFigures> {
  let sum = 0;
  let slice: LearningSlice | undefined;
  const network = { net, weights, foregroundLogit: 0, temperature };
  const structures = Array.from({ length: net.classes - 1 }, (_, n) => n + 1);
  const counts = structures.map(emptyCalibration);
  for (const one of cases) {
    const probability = await predictSample(network, predictionInput(one, plan), breathe);
    const classes = argmax(probability, net.classes);
    const [nk, nj, ni] = one.size;
    for (const k of structures) {
      sum += overlap(one.labels, classes, k).dice ?? 1;
      const isUnion = (v: number) => one.labels[v] === k || classes[v] === k;
      const { region } = nearStructure(isUnion, { size: [ni, nj, nk], spacingMm: plan.spacingMm });
      for (const v of region) countProbability(counts[k - 1]!, probability[v * net.classes + k]!, one.labels[v] === k);
    }
    slice ??= learningSlice(one, probability, net.classes);
  }
  const errors = counts.map(expectedCalibrationError).filter((error) => error !== null);
  return {
    dice: sum / (cases.length * (net.classes - 1)),
    ece: errors.length > 0 ? errors.reduce((total, error) => total + error, 0) / errors.length : null,
    slice: slice!, // there is a scan
  };
}

/** Most probable class of each voxel, [V, K] to [V]. */
export function argmax(probability: Float32Array, classes: number): Uint8Array {
  const winners = new Uint8Array(probability.length / classes);
  for (let v = 0; v < winners.length; v++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (probability[v * classes + k]! > probability[v * classes + best]!) best = k;
    winners[v] = best;
  }
  return winners;
}
