import type { UnetArchitecture } from '../models/unet-layers.ts';
import { posteriorMean } from '../posteriors/posterior-mean.ts';
import type { MixturePosterior } from '../posteriors/weight-posterior.ts';
import { featureLogDensity } from './feature-density.ts';
import { type PredictionInput, predictSample } from './predict-sample.ts';
import { scanFeatures } from './scan-features.ts';

/**
 * The share of samples that each component of a mixture gets on one scan; sums to 1.
 * - `weights`: the mixture's own.
 * - `gate`: Bayes' rule, weight times the density of the scan's features among the component's training scans.
 * - `entropy`: all to the component whose mean network doubts least; costs one pass a component.
 * @throws RangeError where `gate` is asked of a component that keeps none
 */
export async function componentShares(
  net: UnetArchitecture,
  mixture: MixturePosterior,
  input: PredictionInput,
  breathe: () => Promise<void>,
): Promise<readonly number[]> {
  const { components, choice } = mixture;
  switch (choice) {
    case 'weights':
      return components.map(({ weight }) => weight);
    case 'gate': {
      const features = scanFeatures(input.image, input.size, net.inputChannels);
      return softmaxOf(
        components.map(({ weight, gate }, n) => {
          if (!gate) throw new RangeError(`component ${n} keeps no gate`);
          return Math.log(weight) + featureLogDensity(gate, features);
        }),
      );
    }
    case 'entropy': {
      const doubts: number[] = [];
      for (const { posterior } of components) {
        const weights = posteriorMean(net, posterior);
        try {
          doubts.push(foregroundDoubt(await predictSample({ net, weights, foregroundLogit: 0 }, input, breathe), net));
        } finally {
          weights.kernels.dispose();
          weights.points.dispose();
        }
      }
      const surest = doubts.indexOf(Math.min(...doubts));
      return components.map((_, n) => (n === surest ? 1 : 0));
    }
    default:
      throw choice satisfies never;
  }
}

/** Entropy, nats, for each expected voxel of foreground: a network that finds nothing is not taken for a sure one. */
function foregroundDoubt(probability: Float32Array, { classes: K }: UnetArchitecture): number {
  let [entropy, foreground] = [0, 0];
  for (let n = 0; n < probability.length; n++) {
    const p = probability[n]!;
    if (p > 1e-12) entropy -= p * Math.log(p);
    if (n % K > 0) foreground += p;
  }
  return entropy / Math.max(1, foreground);
}

function softmaxOf(logs: readonly number[]): readonly number[] {
  const greatest = Math.max(...logs);
  const shares = logs.map((value) => Math.exp(value - greatest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}
