import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { besides } from './drafts.ts';
import { touching } from './file-failure.ts';

/** What a file is to hold; a stream is written as it comes. */
export type FileContent = Uint8Array | string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Readers see the whole old file or the whole new one, even where we are killed midway or the power fails: a draft
 * beside it, sync, rename, sync of the folder. Folders are made as needed. @throws AppError of the storage area
 */
export const writeFileAtomically = (path: string, data: FileContent): Promise<void> =>
  touching(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const draft = besides(path, 'draft');
    try {
      await writeNewFile(draft, data);
      await rename(draft, path);
    } catch (cause) {
      await rm(draft, { force: true });
      throw cause;
    }
    await syncFolder(dirname(path));
  });

/** A new file, on the disk when this returns; for drafts, since a failure leaves a part of it. */
export async function writeNewFile(path: string, data: FileContent): Promise<void> {
  const file = await open(path, 'wx');
  try {
    // `writeFile`, which goes on where it is, to the last byte: `write` may stop short of it where the disk is full, without an error
    if (typeof data === 'string' || data instanceof Uint8Array) await file.writeFile(data);
    else for await (const part of data) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes renames within the folder last; Windows syncs them itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
