import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../contract/errors/app-error.ts';
import { readFileIfThere } from '../files/read-file.ts';
import { sha256 } from '../files/sha256.ts';
import { syncFolder, writeNewFile } from '../files/write-file.ts';
import { type RecordKind, readRecord, recordText } from '../records/versioned-record.ts';

/** Files by relative path with `/`. */
export type FolderFiles = Readonly<Record<string, Uint8Array>>;

/** Lists the SHA-256 of all other files of the folder. */
export const sealName = 'files.json';
const seal: RecordKind<{ readonly version: 1; readonly files: Readonly<Record<string, string>> }> = {
  schema: z.object({ version: z.literal(1), files: z.record(z.string(), z.string()) }),
  migrations: [],
};

/** The files with `files.json` among them, which seals the rest. */
export function sealFiles(files: FolderFiles): FolderFiles {
  const hashes = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)]));
  return { ...files, [sealName]: new TextEncoder().encode(recordText({ version: 1, files: hashes })) };
}

/** Writes files into a folder that is a draft still; they are on the disk when this returns. */
export async function writeFiles(folder: string, files: FolderFiles): Promise<void> {
  const folders = new Set([folder]);
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeNewFile(path, bytes);
    folders.add(dirname(path));
  }
  for (const written of folders) await syncFolder(written);
}

/** Asks for a file by name; undefined where it is not there. */
export type ReadFile = (name: string) => Promise<Uint8Array | undefined>;

export const folderReader =
  (folder: string): ReadFile =>
  (name) =>
    readFileIfThere(join(folder, name));

/** The files `names`, each proved by the seal. @throws AppError `storage/corrupted`, `storage/newer-version` */
export async function readSealed(read: ReadFile, where: string, names: readonly string[]): Promise<FolderFiles> {
  const need = async (name: string): Promise<Uint8Array> => {
    const bytes = await read(name);
    if (bytes === undefined)
      throw new AppError('storage/corrupted', { file: `${where}/${name}`, reason: 'it is missing' });
    return bytes;
  };
  const { files: hashes } = readRecord(seal, await need(sealName), `${where}/${sealName}`);
  const found: [string, Uint8Array][] = [];
  for (const name of names) {
    const bytes = await need(name);
    if (hashes[name] !== sha256(bytes)) {
      throw new AppError('storage/corrupted', {
        file: `${where}/${name}`,
        reason: 'its SHA-256 is not that of files.json',
      });
    }
    found.push([name, bytes]);
  }
  return Object.fromEntries(found);
}
