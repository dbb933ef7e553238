import { z } from 'zod';
import { evaluationSchema } from './evaluation.ts';
import { intervalCalibrationSchema } from './model.ts';

const evaluation = evaluationSchema.shape;

/** One arm, number of scans, seed and budget: trained, predicted and judged. One file each, so that a comparison can be resumed and shared. */
export const comparisonCellSchema = z.object({
  version: z.literal(1),
  arm: z.string(),
  scans: z.number().int(),
  seed: z.number().int(),
  budget: z.union([z.object({ steps: z.number() }), z.object({ minutes: z.number() })]),
  trainedOn: z.array(z.string()),
  samples: z.number().int(),
  settings: z.record(z.string(), z.unknown()),
  prior: z.string().nullable(),
  cases: evaluation.cases,
  summary: evaluation.summary,
  /** Found on the training scans, where it was asked for; null where the arm gives no intervals, or is a mixture. */
  intervalCalibration: intervalCalibrationSchema.nullable().optional(),
  /** Of `auto`: what it chose, and by which figures on the training scans. */
  methodChoice: z.record(z.string(), z.unknown()).optional(),
  training: z.object({
    steps: z.number(),
    elapsedMs: z.number(),
    curves: z.array(z.record(z.string(), z.number().nullable())),
  }),
  predictionMs: z.number(),
  peakMemoryBytes: z.number(),
  compute: z.record(z.string(), z.unknown()),
  appVersion: z.string().optional(),
  finishedAt: z.string(),
});
export type ComparisonCell = z.infer<typeof comparisonCellSchema>;

const interval = z.object({ mean: z.number(), low: z.number(), high: z.number() });
const perScans = z.record(
  z.string(),
  interval.extend({
    draws: z.number().int(),
    hd95Mm: z.number().nullable(),
    intervalCoverage: z.number().nullable(),
    ece: z.number().nullable(),
    auroc: z.number().nullable(),
  }),
);

/** One table: mean Dice with its 95 % interval over draws and cases by arm, then number of scans; and what an arm is above a rival. */
const comparisonTableSchema = z.object({
  /** `1000 steps` or `4 minutes`. */
  budget: z.string(),
  summary: z.record(z.string(), perScans),
  /**
   * Paired differences of mean Dice, by `ARM-RIVAL`, then number of scans; p of no difference is Holm's, over all of the table. Of one draw there is no p, and the
   * interval is over scans alone.
   */
  differences: z.record(
    z.string(),
    z.record(z.string(), interval.extend({ p: z.number().nullable(), draws: z.number().int() })),
  ),
});
export type ComparisonTable = z.infer<typeof comparisonTableSchema>;

/** All cells together: the table of the first budget (equal steps before equal minutes), then those of the others. */
export const comparisonSchema = comparisonTableSchema.extend({
  version: z.literal(3),
  runs: z.array(comparisonCellSchema),
  otherBudgets: z.array(comparisonTableSchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** Written before a protocol's first cell opens the test scans; one file each, so that nobody can look twice unseen. */
export const openingSchema = z.object({
  version: z.literal(1),
  /** Hash of everything that the cells of one comparison share. */
  protocol: z.string(),
  openedAt: z.string(),
  appVersion: z.string().optional(),
  test: z.array(z.string()),
  trainFrom: z.array(z.string()),
  budget: comparisonCellSchema.shape.budget,
  samples: z.number().int(),
  settings: z.record(z.string(), z.unknown()),
  prior: z.string(),
});
export type Opening = z.infer<typeof openingSchema>;
