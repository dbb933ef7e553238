import { z } from 'zod';

/** What a person chose for the whole app; kept in the data folder. */
export const appSettingsSchema = z.object({
  version: z.literal(1),
  /** Keys that differ from the app's own, by action, as `keyOf` writes them; actions that a version does not know are left alone. */
  keys: z.record(z.string().max(40), z.string().max(40)),
});
export type AppSettings = z.infer<typeof appSettingsSchema>;
