import type { PreprocessingPlan } from '../../contract/model.ts';
import { predictSample } from '../numerics/inference/predict-sample.ts';
import { overlap } from '../numerics/metrics/overlap.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { UnetWeights } from '../numerics/models/unet-weights.ts';
import type { PreparedCase } from './labelled-cases.ts';
import { predictionInput } from './prediction-input.ts';

/** Mean Dice over structures and scans of one weight set; a structure that is in neither image counts as 1. */
export async function networkDice(
  net: UnetArchitecture,
  weights: UnetWeights,
  cases: readonly PreparedCase[],
  { plan, breathe }: { readonly plan: PreprocessingPlan; readonly breathe: () => Promise<void> },
): Promise<number> {
  let sum = 0;
  for (const one of cases) {
    const probability = await predictSample({ net, weights, foregroundLogit: 0 }, predictionInput(one, plan), breathe);
    const classes = argmax(probability, net.classes);
    for (let k = 1; k < net.classes; k++) sum += overlap(one.labels, classes, k).dice ?? 1;
  }
  return sum / (cases.length * (net.classes - 1));
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
