import type { PreprocessingPlan } from '../../contract/model.ts';
import { predictSample } from '../numerics/inference/predict-sample.ts';
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
    const probability = await predictSample(net, weights, predictionInput(one, plan), breathe);
    const classes = argmax(probability, net.classes);
    for (let k = 1; k < net.classes; k++) sum += diceOf(classes, one.labels, k);
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

/** Dice of one class of two class images; 1 where neither has it. */
function diceOf(a: Uint8Array, b: Uint8Array, k: number): number {
  let [shared, mass] = [0, 0];
  for (let v = 0; v < a.length; v++) {
    const [inA, inB] = [a[v] === k, b[v] === k];
    if (inA) mass++;
    if (inB) mass++;
    if (inA && inB) shared++;
  }
  return mass === 0 ? 1 : (2 * shared) / mass;
}
