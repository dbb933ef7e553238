import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const packageSchema = z.object({ name: z.literal('fewscan'), version: z.string() });

/** The package this file is of, as source or compiled. @throws Error where there is none: a broken installation */
export function ownPackage(): { readonly folder: string; readonly version: string } {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    const parsed = existsSync(file) ? packageSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
    if (parsed?.success) return { folder, version: parsed.data.version };
    if (folder === dirname(folder)) throw new Error('no package.json of Fewscan above this file');
  }
}
