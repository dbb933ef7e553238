import type { PreprocessingPlan } from '../../contract/model.ts';
import { predictPosterior } from '../numerics/inference/posterior-prediction.ts';
import { restyle } from '../numerics/inference/restyle.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { MixturePosterior } from '../numerics/posteriors/weight-posterior.ts';
import type { RandomKey } from '../numerics/tensors/random.ts';
import type { PreparedCase } from './labelled-cases.ts';
import { argmax } from './network-figures.ts';
import { predictionInput } from './prediction-input.ts';

const samples = 3;

/**
 * What one network is to learn from a mixture without any old scan: the scans at hand with the mixture's own labels, each as it is and in
 * the style of every site's histogram, in both orders of dark and bright. Components without a gate lend no style.
 */
export async function distillationCases(
  {
    net,
    plan,
    mixture,
  }: { readonly net: UnetArchitecture; readonly plan: PreprocessingPlan; readonly mixture: MixturePosterior },
  scans: readonly PreparedCase[],
  { key, breathe }: { readonly key: RandomKey; readonly breathe: () => Promise<void> },
): Promise<readonly PreparedCase[]> {
  const cases: PreparedCase[] = [];
  for (const scan of scans) {
    const sampling = { net, posterior: mixture, samples, borderDeviation: 0, key, breathe };
    const { sums } = await predictPosterior(sampling, predictionInput(scan, plan));
    const labelled = { ...scan, labels: argmax(sums.probability, net.classes) };
    cases.push(labelled);
    for (const { gate } of mixture.components)
      for (const reversed of gate ? [false, true] : []) {
        const image = restyle(scan.image, net.inputChannels, { features: gate!.mean, reversed });
        cases.push({ ...labelled, image });
      }
  }
  return cases;
}
