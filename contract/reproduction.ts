import { z } from 'zod';
import { computeSchema } from './compute.ts';

/** By method, then by what the experiment's table counts (tasks, components, images): a mean over seeds. */
export const reproductionSummarySchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      mean: z.number(),
      /** Over seeds, n - 1 in the denominator; null for one seed. */
      standardDeviation: z.number().nullable(),
      seeds: z.number().int(),
    }),
  ),
);
export type ReproductionSummary = z.infer<typeof reproductionSummarySchema>;

/** One method and seed of an experiment, with a row for each thing counted. One file each, so that work is resumed and shared. */
export const reproductionRunSchema = z.object({
  version: z.literal(1),
  /** Hash of everything that its outcome depends on. */
  key: z.string(),
  method: z.string(),
  seed: z.number().int(),
  settings: z.record(z.string(), z.unknown()),
  rows: z.array(z.record(z.string(), z.unknown())),
  /** Whether all rows are there. */
  finished: z.boolean(),
  elapsedMs: z.number(),
  peakMemoryBytes: z.number(),
  compute: computeSchema,
  appVersion: z.string(),
  updatedAt: z.string(),
});
export type ReproductionRun = z.infer<typeof reproductionRunSchema>;

/** What `fewscan reproduce` writes; tables and plots are drawn from it alone. */
export const reproductionSchema = z.object({
  version: z.literal(1),
  experiment: z.string(),
  /** What `summary` is the mean of, with its unit. */
  measure: z.string(),
  /** What the inner keys of `summary` count. */
  counts: z.string(),
  /** A small form made to show that the command works: its figures say nothing. */
  quick: z.boolean(),
  /** Settings that all runs share, and what else a reader must know. */
  settings: z.record(z.string(), z.unknown()),
  summary: reproductionSummarySchema,
  /** Further tables of the same form, by the measure's name. */
  further: z.record(z.string(), reproductionSummarySchema),
  /** Figures of the authors, by measure, method and count. */
  published: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number()))),
  runs: z.array(reproductionRunSchema),
});
export type Reproduction = z.infer<typeof reproductionSchema>;
