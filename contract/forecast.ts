import { z } from 'zod';

/** What a job would take on this machine now. */
export const forecastSchema = z.object({
  /** Resident memory of the computing process at its peak. */
  neededBytes: z.number(),
  availableBytes: z.number(),
  expectedMs: z.number(),
  /** Sides of the patches that would be run, D H W. */
  patch: z.tuple([z.number(), z.number(), z.number()]).readonly(),
});
export type Forecast = z.infer<typeof forecastSchema>;
