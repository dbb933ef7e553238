import { join } from 'node:path';
import type { ModelRecord } from '../../../contract/model.ts';
import type { ModelStore } from '../../jobs/ports.ts';
import type { AuditLog } from '../audit-log.ts';
import { exportModel, importModel, type ModelVersion, publishModel } from './carry-model.ts';
import { readCard, readVersion, removeVersion, rollBackVersion, useVersion } from './change-version.ts';
import type { StoredModel } from './model-files.ts';
import type { ModelHouse } from './place-version.ts';
import { type ListedModel, type ModelSurvey, surveyModels } from './survey-models.ts';

/**
 * The port of the jobs, and what the keeper of the models may do. `home/models/NAME/VERSION/` is immutable,
 * `home/models/NAME/current` a pointer; `resources/models/NAME/` came with Fewscan.
 */
export interface FileModelStore extends ModelStore {
  load(name: string, modelVersion?: number): Promise<StoredModel>;
  list(): Promise<readonly ListedModel[]>;
  survey(): Promise<ModelSurvey>;
  /** The model card, Markdown. */
  card(name: string, modelVersion: number): Promise<string>;
  use(name: string, modelVersion: number): Promise<ModelRecord>;
  rollBack(name: string): Promise<ModelRecord>;
  exportTo(path: string, version: ModelVersion): Promise<ModelRecord>;
  importFrom(path: string): Promise<ModelRecord>;
  remove(name: string, modelVersion: number): Promise<void>;
}

export interface ModelStoreSettings {
  readonly home: string;
  readonly resources: string;
  readonly appVersion: string;
  readonly audit: AuditLog;
}

export function openModelStore({ home, resources, appVersion, audit }: ModelStoreSettings): FileModelStore {
  const roots = { own: join(home, 'models'), shipped: join(resources, 'models') };
  const house: ModelHouse = { home, roots, appVersion, audit };
  return {
    publish: (draft, settings) => publishModel(house, draft, settings),
    load: (name, modelVersion) => readVersion(house, name, modelVersion),
    list: async () => (await surveyModels(roots)).models,
    survey: () => surveyModels(roots),
    card: (name, modelVersion) => readCard(house, name, modelVersion),
    use: (name, modelVersion) => useVersion(house, name, modelVersion),
    rollBack: (name) => rollBackVersion(house, name),
    exportTo: (path, version) => exportModel(house, path, version),
    importFrom: (path) => importModel(house, path),
    remove: (name, modelVersion) => removeVersion(house, name, modelVersion),
  };
}
