import { rename, rm } from 'node:fs/promises';

/** Puts the finished `draft` in the place of `folder`. Killed in between, the folder is absent, never mixed. */
export async function replaceFolder(draft: string, folder: string): Promise<void> {
  const old = `${folder}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(folder, old).catch(() => undefined); // there was none
  await rename(draft, folder);
  await rm(old, { recursive: true, force: true });
}
