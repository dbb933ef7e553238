import { z } from 'zod';
import { evaluationSchema } from './evaluation.ts';

const evaluation = evaluationSchema.shape;

/** One arm, number of scans, seed and budget: trained, predicted and judged. One file each, so that a comparison can be resumed and shared. */
export const comparisonCellSchema = z.object({
  version: z.literal(1),
  /** Hash of everything that decides the outcome. */
  key: z.string(),
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

/** All cells together. `summary` by budget, arm and number of scans: mean Dice with its 95 % interval over draws and cases. */
export const comparisonSchema = z.object({
  version: z.literal(1),
  runs: z.array(comparisonCellSchema),
  summary: z.record(z.string(), z.record(z.string(), perScans)),
  /** Paired differences of mean Dice, by budget, then `ARM-RIVAL`, then number of scans. */
  differences: z.record(
    z.string(),
    z.record(z.string(), z.record(z.string(), interval.extend({ draws: z.number().int() }))),
  ),
});
export type Comparison = z.infer<typeof comparisonSchema>;
