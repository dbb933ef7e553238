import type { UnetArchitecture } from '../models/unet-layers.ts';
import { drawWeights, type WeightPosterior } from '../posteriors/weight-posterior.ts';
import type { RandomKey } from '../tensors/random.ts';
import { type LabelRuns, runsOfClasses } from './label-runs.ts';
import { emptyAccumulator, observeSample, type PosteriorAccumulator } from './posterior-accumulator.ts';
import { type PredictionInput, predictSample } from './predict-sample.ts';

export interface PosteriorPrediction {
  readonly sums: PosteriorAccumulator;
  /** By sample, then by structure (class 1 to K - 1). */
  readonly runs: readonly (readonly LabelRuns[])[];
}

export interface PosteriorSampling {
  readonly net: UnetArchitecture;
  readonly posterior: WeightPosterior;
  readonly samples: number;
  readonly key: RandomKey;
  readonly breathe: () => Promise<void>;
  /** Called after each sample with what is known so far. */
  readonly onSample?: (soFar: PosteriorPrediction) => void;
}

/** Segments a scan under `samples` whole weight sets, one after the other; memory does not grow with them but for the structures' runs. */
export async function predictPosterior(
  { net, posterior, samples, key, breathe, onSample }: PosteriorSampling,
  input: PredictionInput,
): Promise<PosteriorPrediction> {
  const sums = emptyAccumulator(input.size[0] * input.size[1] * input.size[2], net.classes);
  const runs: (readonly LabelRuns[])[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const weights = drawWeights(net, posterior, sample, key);
    try {
      runs.push(runsOfClasses(observeSample(sums, await predictSample(net, weights, input, breathe)), net.classes));
    } finally {
      weights.kernels.dispose();
      weights.points.dispose();
    }
    onSample?.({ sums, runs });
  }
  return { sums, runs };
}
