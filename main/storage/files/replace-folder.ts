import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { besides, exists } from './drafts.ts';
import { syncFolder } from './write-file.ts';

/**
 * Puts the folder `draft` at `target`; what was there is moved aside and then removed. Killed in between, the next
 * `tidy` of the parent folder brings the old one back.
 */
export async function replaceFolder(draft: string, target: string): Promise<void> {
  const parent = dirname(target);
  const aside = (await exists(target)) ? besides(target, 'aside') : undefined;
  if (aside !== undefined) await rename(target, aside);
  try {
    await rename(draft, target);
  } catch (cause) {
    if (aside !== undefined) await rename(aside, target);
    throw cause;
  }
  await syncFolder(parent);
  if (aside !== undefined) await rm(aside, { recursive: true, force: true });
}
