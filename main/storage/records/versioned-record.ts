import type { z } from 'zod';
import { AppError } from '../../../contract/errors/app-error.ts';

type Json = Readonly<Record<string, unknown>>;

/** A kind of JSON record on disk. `migrations[n]` turns version n + 1 into n + 2. Append only: files in the wild need every one. */
export interface RecordKind<Content> {
  readonly schema: z.ZodType<Content>;
  readonly migrations: readonly ((record: Json) => Json)[];
}

/** A record brought to the present version. @throws AppError `storage/newer-version`, `storage/corrupted` */
export function readRecord<Content>(kind: RecordKind<Content>, bytes: Uint8Array, file: string): Content {
  const known = kind.migrations.length + 1;
  const record = parseObject(bytes, file);
  const found = record['version'];
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1) {
    throw new AppError('storage/corrupted', { file, reason: 'it has no version' });
  }
  if (found > known) throw new AppError('storage/newer-version', { file, found, known });
  const migrated = kind.migrations.slice(found - 1).reduce((older, migrate) => migrate(older), record);
  const parsed = kind.schema.safeParse({ ...migrated, version: known });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!; // a failed parse has at least one
  throw new AppError('storage/corrupted', { file, reason: `${issue.path.join('.')}: ${issue.message}` });
}

/** Indented, since people open these files too. */
export const recordText = (record: unknown): string => `${JSON.stringify(record, null, 2)}\n`;

/** A JSON object. @throws AppError `storage/corrupted` */
export function parseObject(bytes: Uint8Array, file: string): Json {
  const value = parseJson(bytes, file);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json; // just checked
  throw new AppError('storage/corrupted', { file, reason: 'it is no JSON object' });
}

/** Any JSON value. @throws AppError `storage/corrupted` */
export function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('storage/corrupted', { file, reason: 'it is no JSON' }, { cause });
  }
}
