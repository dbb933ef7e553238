import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../contract/errors/app-error.ts';
import type { ModelRecord } from '../../../contract/model.ts';
import { checkName } from '../../../contract/model-reference.ts';
import { besides } from '../files/drafts.ts';
import { modelFileNames, parseModel, readModelFiles, type StoredModel } from './model-files.ts';
import { forget, pointTo, writePointer } from './model-pointer.ts';
import { findVersion, pointerOf, versionsOf } from './model-versions.ts';
import { locked, type ModelHouse } from './place-version.ts';
import { folderReader, readSealed } from './sealed-folder.ts';

/** A version, or the current one; every hash is checked. */
export async function readVersion(house: ModelHouse, name: string, modelVersion?: number): Promise<StoredModel> {
  const { folder } = await findVersion(house.roots, checkName(name), modelVersion);
  return parseModel(await readModelFiles(folderReader(folder), folder), folder);
}

/** The model card of a version, Markdown. */
export async function readCard(house: ModelHouse, name: string, modelVersion: number): Promise<string> {
  const { folder } = await findVersion(house.roots, checkName(name), modelVersion);
  const files = await readSealed(folderReader(folder), folder, [modelFileNames.card]);
  return new TextDecoder().decode(files[modelFileNames.card]);
}

/** Makes a version the current one; a damaged one is refused, a damaged pointer mended. */
export async function useVersion(house: ModelHouse, name: string, modelVersion: number): Promise<ModelRecord> {
  const { record } = await readVersion(house, name, modelVersion);
  await locked(house, async () => {
    await house.audit.append('model/use', { name, modelVersion });
    const pointer = await pointerOf(house.roots, name, 'fresh');
    await writePointer(join(house.roots.own, name), pointTo(pointer, modelVersion));
  });
  return record;
}

/** Back to the version that was current before. @throws AppError `storage/no-earlier-version` */
export const rollBackVersion = (house: ModelHouse, name: string): Promise<ModelRecord> =>
  locked(house, async () => {
    await findVersion(house.roots, checkName(name));
    const pointer = await pointerOf(house.roots, name);
    const target = pointer.earlier.at(-1);
    if (target === undefined) throw new AppError('storage/no-earlier-version', { name });
    const { record } = await readVersion(house, name, target);
    await house.audit.append('model/roll-back', { name, modelVersion: target });
    const earlier = pointer.earlier.slice(0, -1);
    await writePointer(join(house.roots.own, name), { ...pointer, current: target, earlier });
    return record;
  });

/** Deletes one version for good; its number is not given again. */
export const removeVersion = (house: ModelHouse, name: string, modelVersion: number): Promise<void> =>
  locked(house, async () => {
    const { folder, shipped } = await findVersion(house.roots, checkName(name), modelVersion);
    if (shipped) throw new AppError('storage/shipped-model', { name, modelVersion });
    const pointer = await pointerOf(house.roots, name);
    const isLast = (await versionsOf(house.roots, name)).length === 1;
    if (pointer.current === modelVersion && !isLast)
      throw new AppError('storage/current-model', { name, modelVersion });
    await house.audit.append('model/delete', { name, modelVersion });
    await writePointer(join(house.roots.own, name), forget(pointer, modelVersion));
    const going = besides(join(house.roots.own, name, 'deleted'), 'draft'); // not `aside`: it must not come back
    await rename(folder, going);
    await rm(going, { recursive: true, force: true });
  });
