import { z } from 'zod';
import { computeSchema } from './compute.ts';

/** One back end that was looked at. */
export const backEndFindingSchema = z.object({
  name: z.string(),
  chosen: z.boolean(),
  /** Why it was refused; empty for the chosen one. */
  reasons: z.array(z.string()),
  startMs: z.number(),
  selfTestMs: z.number().nullable(),
  compute: computeSchema.nullable(),
});
export type BackEndFinding = z.infer<typeof backEndFindingSchema>;

/** What a machine and an installation can do. */
export const doctorReportSchema = z.object({
  backEnds: z.array(backEndFindingSchema),
  tensorflow: z.object({ version: z.string(), variant: z.string(), libraries: z.string() }).nullable(),
  cores: z.number(),
  memory: z.object({ totalBytes: z.number(), availableBytes: z.number() }),
  versions: z.record(z.string(), z.string()),
  home: z.string(),
  models: z.array(z.object({ name: z.string(), version: z.number(), current: z.boolean(), shipped: z.boolean() })),
  priors: z.array(z.object({ name: z.string(), shipped: z.boolean() })),
  /** Sentences on models that cannot be read, and on an audit log whose chain is broken. */
  problems: z.array(z.string()),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
