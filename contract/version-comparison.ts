import { z } from 'zod';

const interval = z.object({ mean: z.number(), low: z.number(), high: z.number() });
const figure = z.number().nullable();

/** Two versions of a model on the same scans, none of which trained either. */
export const versionComparisonSchema = z.object({
  version: z.literal(1),
  /** The earlier one first. */
  versions: z.tuple([z.number().int(), z.number().int()]),
  cases: z.array(z.object({ name: z.string(), dice: z.tuple([z.number(), z.number()]) })),
  /** Mean Dice with its 95 % bootstrap interval over scans. */
  dice: z.tuple([interval, interval]),
  /** Second less first, paired by scan. */
  difference: interval,
  /** Within 5 mm of truth and prediction, as in an evaluation. */
  ece: z.tuple([figure, figure]),
  hd95Mm: z.tuple([figure, figure]),
  /** Of the intervals that are shown: the calibrated ones where a version has them. */
  intervalCoverage: z.tuple([figure, figure]),
  /** Whether these are calibrated ones. */
  intervalsCalibrated: z.tuple([z.boolean(), z.boolean()]),
  /** Scans that were left out since they trained one of the two. */
  leftOut: z.array(z.string()),
});
export type VersionComparison = z.infer<typeof versionComparisonSchema>;
