import { z } from 'zod';

const meanDice = z.object({ mean: z.number(), low: z.number(), high: z.number(), draws: z.number().int() });

/** What methods were measured to reach on scans of others: ships with the program, and is all that app and cards say of it. Written by `scripts/gather-arms.mjs`. */
export const evidenceSchema = z.object({
  version: z.literal(1),
  targets: z.array(
    z.object({
      /** `hippocampus, T1 MR`. */
      title: z.string(),
      testScans: z.number().int().positive(),
      /** `400 steps`. */
      budget: z.string(),
      /** SHA-256 of the prior that the arms used. */
      prior: z.string().nullable(),
      /** Mean Dice with its 95 % interval over draws and test scans, by arm, then number of training scans. */
      dice: z.record(z.string(), z.record(z.string(), meanDice)),
    }),
  ),
});
export type Evidence = z.infer<typeof evidenceSchema>;
