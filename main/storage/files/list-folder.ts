import { readdir } from 'node:fs/promises';
import { isLeftover } from './drafts.ts';
import { errorCode, fileFailure } from './file-failure.ts';

/** Names in a folder, sorted, without drafts of ours; [] where it does not exist. @throws AppError of the storage area */
export async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => !isLeftover(name)).sort();
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return [];
    throw fileFailure(cause, folder);
  }
}
