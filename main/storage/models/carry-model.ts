import { basename } from 'node:path';
import { type ModelRecord, modelRecordSchema } from '../../../contract/model.ts';
import { checkName } from '../../../contract/model-reference.ts';
import type { ModelDraft } from '../../jobs/ports.ts';
import { readFileBytes } from '../files/read-file.ts';
import { writeFileAtomically } from '../files/write-file.ts';
import { openModelArchive, packModel } from './model-archive.ts';
import { encodeModel, parseModel, readModelFiles } from './model-files.ts';
import { findVersion } from './model-versions.ts';
import { locked, type ModelHouse, placeVersion } from './place-version.ts';
import { folderReader, sealFiles } from './sealed-folder.ts';

/** The next version of the draft's name, current at once unless another is and `makeCurrent` is false. @throws ZodError where a job made an unlawful record: a bug */
export async function publishModel(
  house: ModelHouse,
  { record, weights, card }: ModelDraft,
  { makeCurrent }: { readonly makeCurrent: boolean } = { makeCurrent: true },
): Promise<ModelRecord> {
  const complete = (modelVersion: number): ModelRecord =>
    modelRecordSchema.parse({
      ...record,
      modelVersion,
      appVersion: house.appVersion,
      createdAt: new Date().toISOString(),
    });
  return placeVersion(house, {
    name: checkName(record.name),
    files: encodeModel({ record: complete(1), weights, card }),
    action: 'model/publish',
    recordFor: ({ highest }) => complete(highest + 1),
    becomesCurrent: ({ current }) => makeCurrent || current === null,
  });
}

/** One `.fewscan-model` file with everything of a version. */
export async function exportModel(house: ModelHouse, path: string, version: ModelVersion): Promise<ModelRecord> {
  const { folder } = await findVersion(house.roots, checkName(version.name), version.modelVersion);
  const files = await readModelFiles(folderReader(folder), folder);
  const { record } = parseModel(files, folder);
  const { name, modelVersion } = record;
  await locked(house, () => house.audit.append('model/export', { name, modelVersion }));
  await writeFileAtomically(path, packModel(sealFiles(files)));
  return record;
}

export interface ModelVersion {
  readonly name: string;
  readonly modelVersion?: number | undefined;
}

/** A model that is new here keeps its number and becomes current; else it becomes the next version, and the current one stays. */
export async function importModel(house: ModelHouse, path: string): Promise<ModelRecord> {
  const where = basename(path);
  const read = openModelArchive(await readFileBytes(path, 'model file'), where);
  const files = await readModelFiles(read, where);
  const { record } = parseModel(files, where);
  return placeVersion(house, {
    name: checkName(record.name),
    files,
    action: 'model/import',
    recordFor: ({ highest }) => ({ ...record, modelVersion: highest === 0 ? record.modelVersion : highest + 1 }),
    becomesCurrent: ({ current }) => current === null,
  });
}
