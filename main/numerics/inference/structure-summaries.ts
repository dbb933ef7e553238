import { intervalOfSamples } from '../metrics/interval-of-samples.ts';
import { coefficientOfVariation } from '../metrics/moments.ts';
import { type LabelRuns, sampleAgreement } from './label-runs.ts';

/** What the posterior says of one structure. */
export interface StructureSummary {
  readonly volumeMl: { readonly median: number; readonly low: number; readonly high: number };
  readonly sampleDice: number;
  readonly sampleIou: number;
  /** null where the mean volume is 0. */
  readonly volumeCv: number | null;
  /** In the samples' order. */
  readonly sampleVolumesMl: readonly number[];
  /** Level that the interval has; 0 for a single sample. */
  readonly intervalLevel: number;
}

/** Volumes with order-statistic interval, and agreement between samples (methods 2), for each structure. */
export function structureSummaries(
  runs: readonly (readonly LabelRuns[])[],
  voxelMl: number,
): readonly StructureSummary[] {
  const structures = runs[0]!.length;
  return Array.from({ length: structures }, (_, structure) => {
    const samples = runs.map((sample) => sample[structure]!);
    const volumes = samples.map(({ voxelCount }) => voxelCount * voxelMl);
    const { median, low, high, level } = intervalOfSamples(volumes, 0.9);
    const { dice, iou } = sampleAgreement(samples);
    return {
      volumeMl: { median, low, high },
      sampleDice: dice,
      sampleIou: iou,
      volumeCv: coefficientOfVariation(volumes),
      sampleVolumesMl: volumes,
      intervalLevel: level,
    };
  });
}
