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

/** The sites by whose posteriors a scan was segmented, the largest share first; undefined where the model knows one site. */
export const sitesInWords = ({ components }: SegmentationReport): string | undefined =>
  components
    ?.filter(({ share }) => share > 0)
    .toSorted((a, b) => b.share - a.share)
    .map(({ site, share }) => `${site} (${Math.round(100 * share)} % of the samples)`)
    .join(', ');
