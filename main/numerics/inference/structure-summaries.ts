import { intervalOfSamples } from '../metrics/interval-of-samples.ts';
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
      volumeCv: variation(volumes),
      sampleVolumesMl: volumes,
      intervalLevel: level,
    };
  });
}

/** Standard deviation (n - 1) over mean. */
function variation(values: readonly number[]): number | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (mean === 0) return null;
  if (values.length < 2) return 0;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) / mean;
}
