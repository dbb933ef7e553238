import { z } from 'zod';
import { computeSchema } from './compute.ts';

const interval = z.object({ median: z.number(), low: z.number(), high: z.number() });

/** Deviations from which a scan is called unlike the training scans: 98 of 100 development scans stay below (docs/results/unlikeness.md). */
export const unlikeFrom = 3;

/** `report.json` beside the maps of one segmented scan. Keys are stable: add, never rename. */
export const segmentationReportSchema = z.object({
  version: z.literal(1),
  scan: z.string(),
  structures: z.array(
    z.object({
      name: z.string(),
      label: z.number().int(),
      /** Volume over the posterior samples; low and high bound it at `intervalLevel`. */
      volumeMl: interval,
      /** The same interval as the model's calibration on local scans stretches it; absent where the model has none, or the samples too low a level. */
      calibratedMl: z.object({ low: z.number(), high: z.number() }).optional(),
      /** Mean Dice over all pairs of samples; 1 where two samples are both empty. */
      sampleDice: z.number(),
      sampleIou: z.number(),
      /** Standard deviation over mean of the sampled volumes; null where the mean is 0. */
      volumeCv: z.number().nullable(),
      /** Volume in each sample, in the samples' order; absent in reports before version 0.2. */
      sampleVolumesMl: z.array(z.number()).optional(),
    }),
  ),
  /** Level that the volume intervals have, from order statistics of the samples (0.9 for 19). */
  intervalLevel: z.number(),
  /** What the calibrated intervals rest on: the level that they are to have, and the local scans that it was found on. */
  calibration: z.object({ level: z.number(), scans: z.number().int() }).optional(),
  /** 0 (sure) to 1: one minus the lowest sampleDice of the structures. Ranks scans for review. */
  reviewScore: z.number(),
  /**
   * The feature of the scan that lies farthest from the training scans, in deviations; a warning says so from 3 on. Absent where the model keeps no
   * features of its training scans, and in reports before version 0.2.
   */
  unlikeness: z.object({ deviations: z.number(), feature: z.string() }).optional(),
  model: z.object({ name: z.string(), version: z.number().int(), method: z.string() }),
  /** Of a mixture: the share of samples that each site's posterior was given on this scan. */
  components: z.array(z.object({ site: z.string(), share: z.number() })).optional(),
  seed: z.number().int(),
  samples: z.number().int(),
  /** Where the run was stopped, or still goes on, after `samples` of these. */
  samplesAsked: z.number().int().optional(),
  /** `samples.nii.gz` lies beside: one label map a sample along the fourth axis, on the scan's own grid. */
  samplesKept: z.boolean().optional(),
  compute: computeSchema,
  /** What was done to the input besides the plan, e.g. that sform and qform disagreed. */
  warnings: z.array(z.string()),
  elapsedMs: z.number(),
  peakMemoryBytes: z.number(),
});
export type SegmentationReport = z.infer<typeof segmentationReportSchema>;

/** The interval of a structure's volume that is shown first, and the level that it is to have: the calibrated one where there is one. */
export const shownInterval = (
  { intervalLevel, calibration }: SegmentationReport,
  { volumeMl, calibratedMl }: SegmentationReport['structures'][number],
): { readonly low: number; readonly high: number; readonly level: number } =>
  calibratedMl && calibration
    ? { ...calibratedMl, level: calibration.level }
    : { low: volumeMl.low, high: volumeMl.high, level: intervalLevel };

/** Heads a column of `shownInterval`. */
export const intervalHead = ({ intervalLevel, calibration }: SegmentationReport): string => {
  const level = calibration?.level ?? intervalLevel;
  return level > 0 ? `${Math.round(100 * level)} % interval` : 'interval';
};

/** What calibrated intervals rest on, then what the posterior alone said, a structure a line; nothing where they are the posterior's. */
export const calibrationInWords = ({
  calibration,
  intervalLevel,
  structures,
}: SegmentationReport): readonly string[] =>
  calibration
    ? [
        `Intervals are calibrated on ${calibration.scans} local scans. The samples alone say, at ${Math.round(100 * intervalLevel)} %:`,
        ...structures.map(({ name, volumeMl: { low, high } }) => `${name} ${low.toFixed(2)} to ${high.toFixed(2)} ml`),
      ]
    : [];

/** The sites by whose posteriors a scan was segmented, the largest share first; undefined where the model knows one site. */
export const sitesInWords = ({ components }: SegmentationReport): string | undefined =>
  components
    ?.filter(({ share }) => share > 0)
    .toSorted((a, b) => b.share - a.share)
    .map(({ site, share }) => `${site} (${Math.round(100 * share)} % of the samples)`)
    .join(', ');
