import { readFile } from 'node:fs/promises';
import { AppError } from '../../../contract/errors/app-error.ts';
import { errorCode, fileFailure } from './file-failure.ts';

/** The bytes of a file; `what` it is, for the error. @throws AppError of the storage area */
export async function readFileBytes(path: string, what: string): Promise<Uint8Array> {
  const bytes = await readFileIfThere(path);
  if (bytes === undefined) throw new AppError('storage/not-found', { what, where: path });
  return bytes;
}

/** undefined where there is no such file. @throws AppError of the storage area */
export async function readFileIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength); // a Buffer's slice would share its memory
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw fileFailure(cause, path);
  }
}
