import { stretched } from '../metrics/interval-factor.ts';
import { intervalOfSamples } from '../metrics/interval-of-samples.ts';
import { coefficientOfVariation } from '../metrics/moments.ts';
import { type LabelRuns, sampleAgreement } from './label-runs.ts';

/** What the posterior says of one structure. */
export interface StructureSummary {
  readonly volumeMl: { readonly median: number; readonly low: number; readonly high: number };
  /** The interval stretched by the model's calibration; undefined where it has none, or the samples too low a level for it. */
  readonly calibratedMl: { readonly low: number; readonly high: number } | undefined;
  readonly sampleDice: number;
  readonly sampleIou: number;
  /** null where the mean volume is 0. */
  readonly volumeCv: number | null;
  /** In the samples' order. */
  readonly sampleVolumesMl: readonly number[];
  /** Level that the interval has; 0 for a single sample. */
  readonly intervalLevel: number;
}

/** Intervals of this level are shown and calibrated. */
export const shownLevel = 0.9;

/** Volumes with order-statistic interval, and agreement between samples (methods 2), for each structure; `factors` are a calibration's. */
export function structureSummaries(
  runs: readonly (readonly LabelRuns[])[],
  voxelMl: number,
  factors?: readonly number[],
): readonly StructureSummary[] {
  const structures = runs[0]!.length;
  return Array.from({ length: structures }, (_, structure) => {
    const samples = runs.map((sample) => sample[structure]!);
    const volumes = samples.map(({ voxelCount }) => voxelCount * voxelMl);
    const { median, low, high, level } = intervalOfSamples(volumes, shownLevel);
    const factor = level >= shownLevel - 1e-9 ? factors?.[structure] : undefined;
    const wide = factor === undefined ? undefined : stretched({ median, low, high }, factor, voxelMl);
    const { dice, iou } = sampleAgreement(samples);
    return {
      volumeMl: { median, low, high },
      calibratedMl: wide && { low: wide.low, high: wide.high },
      sampleDice: dice,
      sampleIou: iou,
      volumeCv: coefficientOfVariation(volumes),
      sampleVolumesMl: volumes,
      intervalLevel: level,
    };
  });
}
