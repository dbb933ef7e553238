import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelRecord } from '../../../contract/model.ts';
import type { AuditLog } from '../audit-log.ts';
import { besides, tidy } from '../files/drafts.ts';
import { touching } from '../files/file-failure.ts';
import { sha256 } from '../files/sha256.ts';
import { withLock } from '../files/with-lock.ts';
import { syncFolder } from '../files/write-file.ts';
import { modelFileNames, withRecord } from './model-files.ts';
import { type ModelPointer, pointTo, writePointer } from './model-pointer.ts';
import { type ModelRoots, pointerOf } from './model-versions.ts';
import { type FolderFiles, sealName, writeFiles } from './sealed-folder.ts';

/** What the verbs of the model store work on. */
export interface ModelHouse {
  readonly home: string;
  readonly roots: ModelRoots;
  readonly appVersion: string;
  readonly audit: AuditLog;
}

/** Alone among all processes that change this home. */
export const locked = <Result>({ home }: ModelHouse, work: () => Promise<Result>): Promise<Result> =>
  withLock(home, 'store', () => touching(home, work));

export interface Placing {
  readonly name: string;
  /** Weights and card; record and seal are made once the number is known. */
  readonly files: FolderFiles;
  readonly action: 'model/publish' | 'model/import';
  recordFor(pointer: ModelPointer): ModelRecord;
  becomesCurrent(pointer: ModelPointer): boolean;
}

/**
 * Makes a new version: a draft folder with the weights, then under the lock its number, record, seal and audit entry,
 * then one rename. Killed at any point, the version is there whole or not at all.
 */
export async function placeVersion(house: ModelHouse, placing: Placing): Promise<ModelRecord> {
  const folder = join(house.roots.own, placing.name);
  const draft = besides(join(folder, 'version'), 'draft');
  const { record: recordName, weights, card } = modelFileNames;
  const pick = (files: FolderFiles, names: readonly string[]): FolderFiles =>
    Object.fromEntries(names.map((name) => [name, files[name]!])); // every model has all of its files
  return touching(folder, async () => {
    await mkdir(folder, { recursive: true });
    await tidy(folder);
    try {
      await writeFiles(draft, pick(placing.files, [weights, card]));
      return await locked(house, async () => {
        const pointer = await pointerOf(house.roots, placing.name, 'fresh');
        const record = placing.recordFor(pointer);
        const sealed = withRecord(record, placing.files);
        await writeFiles(draft, pick(sealed, [recordName, sealName]));
        await house.audit.append(placing.action, {
          name: record.name,
          modelVersion: record.modelVersion,
          recordSha256: sha256(sealed[recordName]!),
          weightsSha256: sha256(sealed[weights]!),
        });
        await rename(draft, join(folder, String(record.modelVersion)));
        await syncFolder(folder);
        const next = placing.becomesCurrent(pointer)
          ? pointTo(pointer, record.modelVersion)
          : { ...pointer, highest: Math.max(pointer.highest, record.modelVersion) }; // without a pointer the highest would be current
        await writePointer(folder, next);
        return record;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}
