import { z } from 'zod';
import { jobRequestSchema } from '../jobs.ts';

export const progressSchema = z.object({
  phase: z.string(),
  done: z.number(),
  total: z.number(),
  unit: z.string(),
  note: z.string().optional(),
  shown: z.number().optional(),
});

export const curvePointSchema = z.object({
  step: z.number(),
  elapsedMs: z.number(),
  loss: z.number(),
  dataLoss: z.number(),
  kl: z.number().nullable(),
  heldOutDice: z.number().nullable(),
  heldOutEce: z.number().nullable().default(null),
});

/** `paused` and `interrupted` jobs go on from their checkpoint when they are resumed. */
export const jobStatusSchema = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'paused', 'interrupted']);

/** A job as the app shows it; kept on disk. */
export const jobStateSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  title: z.string(),
  request: jobRequestSchema,
  status: jobStatusSchema,
  /** Scan that it belongs to, if it is one's. */
  scan: z.string().nullable(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
  progress: progressSchema.nullable(),
  curve: z.array(curvePointSchema),
  /** Steps of which there is a picture of a held-out scan. */
  pictures: z.array(z.number().int().nonnegative()).default([]),
  /** A sentence that says what to do. */
  error: z.string().nullable(),
  result: z.unknown(),
});
export type JobState = z.infer<typeof jobStateSchema>;
