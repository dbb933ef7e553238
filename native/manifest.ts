import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { packageRoot } from './package-root.ts';

const wheelSchema = z.object({
  package: z.string(),
  version: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  byteLength: z.number().int().positive(),
  licence: z.string(),
});
const manifestSchema = z.object({
  tensorflow: z.string(),
  python: z.string(),
  wheels: z.record(z.string().endsWith('.whl'), wheelSchema),
});

/** The pinned wheels by file name, the TensorFlow version they make, and the Python whose builds were taken (any does). */
export type Manifest = z.infer<typeof manifestSchema>;
/** One pinned wheel: package and version to ask the index for, and what the file must be. */
export type Wheel = z.infer<typeof wheelSchema> & { readonly file: string };

/** Reads `native/manifest.json`; throws where it is malformed (a bug). */
export function readManifest(): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(join(packageRoot(), 'native/manifest.json'), 'utf8')));
}
