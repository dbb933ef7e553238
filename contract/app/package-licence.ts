import { z } from 'zod';

/** A package that the installed program contains. */
export const packageLicenceSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** SPDX expression, or what the package says of itself. */
  licence: z.string(),
  text: z.string(),
});
export type PackageLicence = z.infer<typeof packageLicenceSchema>;
