import { z } from 'zod';

/** What computed a result; stored with every result. */
export const computeSchema = z.object({
  backend: z.string(),
  /** `cpu` or the name of the card. */
  device: z.string(),
  threads: z.number().int().positive(),
  /** `float32`, or `bfloat16-accumulate` where convolutions run in reduced precision. */
  precision: z.string(),
  versions: z.record(z.string(), z.string()),
});
export type ComputeDescription = z.infer<typeof computeSchema>;
