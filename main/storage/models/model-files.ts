import { type ModelRecord, modelRecordSchema } from '../../../contract/model.ts';
import type { NamedArrays } from '../../numerics/models/named-arrays.ts';
import { decodeSafetensors, encodeSafetensors, type StoredPrecision } from '../arrays/safetensors.ts';
import { type RecordKind, readRecord, recordText } from '../records/versioned-record.ts';
import { type FolderFiles, type ReadFile, readSealed, sealFiles } from './sealed-folder.ts';

/** One model version as it lies in a folder or an archive. */
export interface StoredModel {
  readonly record: ModelRecord;
  readonly weights: NamedArrays;
  /** Markdown. */
  readonly card: string;
}

const recordKind: RecordKind<ModelRecord> = {
  schema: modelRecordSchema,
  migrations: [(record) => record], // 2: mixtures and gates, absent before
};
export const modelFileNames = { record: 'record.json', weights: 'weights.safetensors', card: 'MODEL_CARD.md' } as const;

export const encodeModel = (
  { record, weights, card }: StoredModel,
  precision: StoredPrecision = 'float32',
): FolderFiles =>
  withRecord(record, {
    [modelFileNames.weights]: encodeSafetensors(weights, { precision }),
    [modelFileNames.card]: new TextEncoder().encode(card),
  });

/** Puts a record in place of the one among the files, and seals them. */
export const withRecord = (record: ModelRecord, files: FolderFiles): FolderFiles =>
  sealFiles({ ...files, [modelFileNames.record]: new TextEncoder().encode(recordText(record)) });

/** Record, weights and card as bytes, proved by the seal. @throws AppError `storage/corrupted`, `storage/newer-version` */
export const readModelFiles = (read: ReadFile, where: string): Promise<FolderFiles> =>
  readSealed(read, where, Object.values(modelFileNames));

/** @throws AppError `storage/corrupted`, `storage/newer-version` */
export const parseModel = (files: FolderFiles, where: string): StoredModel => ({
  record: parseRecord(files, where),
  weights: decodeSafetensors(files[modelFileNames.weights]!, `${where}/${modelFileNames.weights}`).arrays, // readModelFiles has it
  card: new TextDecoder().decode(files[modelFileNames.card]),
});

/** The record alone, proved by the seal; weights are not read. */
export const readModelRecord = async (read: ReadFile, where: string): Promise<ModelRecord> =>
  parseRecord(await readSealed(read, where, [modelFileNames.record]), where);

const parseRecord = (files: FolderFiles, where: string): ModelRecord =>
  readRecord(recordKind, files[modelFileNames.record]!, `${where}/${modelFileNames.record}`); // readSealed has found it
