import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../contract/errors/app-error.ts';
import { exists } from '../files/drafts.ts';
import { errorCode, fileFailure } from '../files/file-failure.ts';
import { readModelRecord } from './model-files.ts';
import { type ModelPointer, readPointer } from './model-pointer.ts';
import { folderReader } from './sealed-folder.ts';

/** Where models are looked for: the user's own and those that came with Fewscan. */
export interface ModelRoots {
  readonly own: string;
  readonly shipped: string;
}

export interface VersionFolder {
  readonly modelVersion: number;
  readonly folder: string;
  readonly shipped: boolean;
}

/** Names in order; a name may have lost its last version. */
export async function modelNames({ own, shipped }: ModelRoots): Promise<readonly string[]> {
  return [...new Set([...(await folderNames(own)), ...(await folderNames(shipped))])].sort();
}

/** Versions of a model, ascending. A version of the user's own hides a shipped one of the same number. */
export async function versionsOf(roots: ModelRoots, name: string): Promise<readonly VersionFolder[]> {
  const ownFolder = join(roots.own, name);
  const numbers = (await folderNames(ownFolder)).filter((entry) => /^[1-9]\d*$/.test(entry)).map(Number);
  const own = numbers.map((modelVersion) => ({
    modelVersion,
    folder: join(ownFolder, String(modelVersion)),
    shipped: false,
  }));
  const shippedFolder = join(roots.shipped, name);
  if (!(await exists(shippedFolder))) return own.sort(byVersion);
  const { modelVersion } = await readModelRecord(folderReader(shippedFolder), shippedFolder);
  if (numbers.includes(modelVersion)) return own.sort(byVersion);
  return [...own, { modelVersion, folder: shippedFolder, shipped: true }].sort(byVersion);
}

const byVersion = (a: VersionFolder, b: VersionFolder): number => a.modelVersion - b.modelVersion;

/** Folders in a folder that are not hidden, in order; [] where it does not exist. */
export async function folderNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return [];
    throw fileFailure(cause, folder);
  }
}

/** The version meant, or the current one. @throws AppError `storage/no-such-model` naming those there are */
export async function findVersion(roots: ModelRoots, name: string, wanted?: number): Promise<VersionFolder> {
  const versions = await versionsOf(roots, name);
  const modelVersion = wanted ?? (await pointerOf(roots, name)).current;
  const found = versions.find((version) => version.modelVersion === modelVersion);
  if (found) return found;
  const known = versions.length > 0 ? versions.map((one) => `${name}@${one.modelVersion}`) : await modelNames(roots);
  throw new AppError('storage/no-such-model', {
    name: wanted === undefined ? name : `${name}@${wanted}`,
    known: known.join(', '),
  });
}

/** @throws AppError `storage/corrupted`, unless a fresh pointer will do in place of a damaged one */
export async function pointerOf(
  roots: ModelRoots,
  name: string,
  ifDamaged: 'throw' | 'fresh' = 'throw',
): Promise<ModelPointer> {
  const versions = (await versionsOf(roots, name)).map(({ modelVersion }) => modelVersion);
  try {
    return await readPointer(join(roots.own, name), versions);
  } catch (cause) {
    if (ifDamaged === 'throw' || !(cause instanceof AppError) || cause.code !== 'storage/corrupted') throw cause;
    return { version: 1, current: null, earlier: [], highest: Math.max(0, ...versions) };
  }
}
