import { z } from 'zod';
import { evaluationSchema } from './evaluation.ts';

const evaluation = evaluationSchema.shape;

/** One arm, number of scans, seed and budget: trained, predicted and judged. One file each, so that a comparison can be resumed and shared. */
export const comparisonCellSchema = z.object({
  version: z.literal(1),
  /** Hash of what decides the outcome: see `identityOf` in main/jobs/compare-identity.ts. */
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
  /** Absent in cells of the first builds. */
  appVersion: z.string().optional(),
  /** Version of the protocol under which the test scans were opened. */
  protocol: z.number().int().optional(),
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

const paired = interval.extend({ draws: z.number().int() });

const tableSchema = z.object({
  /** `1000 steps` or `4 minutes`. */
  budget: z.string(),
  /** By arm, then number of scans: mean Dice with its 95 % interval over draws and cases, and means of other figures. */
  summary: z.record(z.string(), perScans),
  /** Paired differences of mean Dice by `ARM-RIVAL`, then number of scans. */
  differences: z.record(z.string(), z.record(z.string(), paired)),
});
/** Every arm under one budget. */
export type ComparisonTable = z.infer<typeof tableSchema>;

/** All cells together: the first table (equal steps where there is one), and those of other budgets. */
export const comparisonSchema = tableSchema.extend({
  version: z.literal(1),
  runs: z.array(comparisonCellSchema),
  otherBudgets: z.array(tableSchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** `OUT/opened.json`: each time that test scans were opened for prediction, in order; a cell that was killed and run again has two entries. */
export const openingsSchema = z.object({
  version: z.literal(1),
  entries: z.array(
    z.object({
      at: z.string(),
      /** Version of the protocol. */
      protocol: z.number().int(),
      arm: z.string(),
      scans: z.number().int(),
      seed: z.number().int(),
      budget: z.string(),
      /** Of the cell; covers names of training and test scans, settings and prior. */
      key: z.string(),
      testScans: z.number().int(),
      appVersion: z.string(),
    }),
  ),
});
export type Opening = z.infer<typeof openingsSchema>['entries'][number];
