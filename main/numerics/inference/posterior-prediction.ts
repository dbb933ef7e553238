import type { UnetArchitecture } from '../models/unet-layers.ts';
import { drawWeights, type MixturePosterior, type WeightPosterior } from '../posteriors/weight-posterior.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import { borderShifts } from './border-shifts.ts';
import { componentShares } from './component-shares.ts';
import { type LabelRuns, runsOfClasses } from './label-runs.ts';
import { emptyAccumulator, observeSample, type PosteriorAccumulator } from './posterior-accumulator.ts';
import { type PredictionInput, predictSample } from './predict-sample.ts';

export interface PosteriorPrediction {
  /** Of a mixture: the share of samples that each component gets on this scan. */
  readonly shares?: readonly number[] | undefined;
  readonly sums: PosteriorAccumulator;
  /** By sample, then by structure (class 1 to K - 1). */
  readonly runs: readonly (readonly LabelRuns[])[];
}

export interface PosteriorSampling {
  readonly net: UnetArchitecture;
  readonly posterior: WeightPosterior;
  readonly samples: number;
  /**
   * Deviation of a scan's border, logits: each sample but a point estimate's shifts the foreground's logit by one quantile of
   * N(0, d^2), a random intercept of the scan. It stands for what no posterior over weights knows: where this scan's annotator
   * would draw the border. In the mean it acts as a temperature.
   */
  readonly borderDeviation: number;
  /** Of every sample's logits; 1 where absent. */
  readonly temperature?: number | undefined;
  readonly key: RandomKey;
  readonly breathe: () => Promise<void>;
  /** Called after each sample with what is known so far, and awaited. The sums go on growing: copy what is to stay. */
  readonly onSample?: (soFar: PosteriorPrediction) => void | Promise<void>;
}

/** Segments a scan under `samples` whole weight sets, one after the other; memory does not grow with them but for the structures' runs. */
export async function predictPosterior(
  { net, posterior, samples, borderDeviation, temperature, key, breathe, onSample }: PosteriorSampling,
  input: PredictionInput,
): Promise<PosteriorPrediction> {
  const shares = posterior.kind === 'mixture' ? await componentShares(net, posterior, input, breathe) : undefined;
  const fitted = posterior.kind === 'mixture' && shares ? withShares(posterior, shares) : posterior;
  const voxels = input.size[0] * input.size[1] * input.size[2];
  const sums = emptyAccumulator(voxels, net.classes);
  // one of each for all samples: a large scan's would be gigabytes before they are collected
  const probability = new Float32Array(voxels * net.classes);
  const winners = new Uint8Array(voxels);
  const runs: (readonly LabelRuns[])[] = [];
  const shifts = borderShifts(samples, posterior.kind === 'point' ? 0 : borderDeviation, derive(key, 'border'));
  for (let sample = 0; sample < samples; sample++) {
    const weights = drawWeights(net, fitted, sample, key);
    try {
      await predictSample({ net, weights, foregroundLogit: shifts[sample]!, temperature }, input, breathe, probability);
      runs.push(runsOfClasses(observeSample(sums, probability, winners), net.classes));
    } finally {
      weights.kernels.dispose();
      weights.points.dispose();
    }
    await onSample?.({ sums, runs, shares });
  }
  return { sums, runs, shares };
}

const withShares = (mixture: MixturePosterior, shares: readonly number[]): MixturePosterior => ({
  ...mixture,
  components: mixture.components.map((component, n) => ({ ...component, weight: shares[n]! })),
});
