import { readFileSync } from 'node:fs';
import { rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const NAME = 'fewscan-stamp.json';
const stampSchema = z.object({
  identity: z.string(),
  tensorflow: z.string(),
  variant: z.enum(['cpu', 'gpu']),
  /** Byte lengths by path below the stamped folder. */
  files: z.record(z.string(), z.number()),
});
/** The mark of a finished folder: written last, so that a folder without it counts as absent. */
export type Stamp = z.infer<typeof stampSchema>;

/** The stamp of `folder`, undefined where it is missing or unreadable. Does not look at the files. */
export function readStamp(folder: string): Stamp | undefined {
  try {
    return stampSchema.parse(JSON.parse(readFileSync(join(folder, NAME), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes the stamp of `folder`, whole or not at all. */
export async function writeStamp(folder: string, stamp: Stamp): Promise<void> {
  const draft = join(folder, `${NAME}.draft`);
  await writeFile(draft, `${JSON.stringify(stamp, null, 2)}\n`, { flush: true });
  await rename(draft, join(folder, NAME));
}

/** Whether `folder` is stamped with `identity` and each stamped file still has its length. */
export async function isComplete(folder: string, identity: string): Promise<boolean> {
  const stamp = readStamp(folder);
  if (stamp?.identity !== identity) return false;
  const lengths = await Promise.all(
    Object.entries(stamp.files).map(async ([path, byteLength]) => {
      const found = await stat(join(folder, path)).catch(() => undefined);
      return found?.size === byteLength;
    }),
  );
  return lengths.every(Boolean);
}
