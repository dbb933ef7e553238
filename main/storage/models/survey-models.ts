import { AppError } from '../../../contract/errors/app-error.ts';
import type { ModelRecord } from '../../../contract/model.ts';
import { readModelRecord } from './model-files.ts';
import { type ModelRoots, modelNames, pointerOf, versionsOf } from './model-versions.ts';
import { folderReader } from './sealed-folder.ts';

export interface ListedModel {
  readonly record: ModelRecord;
  readonly current: boolean;
  readonly shipped: boolean;
}

export interface ModelSurvey {
  readonly models: readonly ListedModel[];
  /** Why the rest could not be read; one damaged version does not hide the others. */
  readonly problems: readonly AppError[];
}

/** Every version by name and number. Records are proved by their hash; weights are not read. */
export async function surveyModels(roots: ModelRoots): Promise<ModelSurvey> {
  const models: ListedModel[] = [];
  const problems: AppError[] = [];
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      problems.push(cause);
    }
  };
  for (const name of await modelNames(roots)) {
    await attempt(async () => {
      const { current } = await pointerOf(roots, name);
      for (const { folder, modelVersion, shipped } of await versionsOf(roots, name)) {
        await attempt(async () => {
          const record = await readModelRecord(folderReader(folder), folder);
          models.push({ record, current: modelVersion === current, shipped });
        });
      }
    });
  }
  return { models, problems };
}
