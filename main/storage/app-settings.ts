import { join } from 'node:path';
import { type AppSettings, appSettingsSchema } from '../../contract/app/settings.ts';
import { readFileIfThere } from './files/read-file.ts';
import { writeFileAtomically } from './files/write-file.ts';
import { type RecordKind, readRecord, recordText } from './records/versioned-record.ts';

const kind: RecordKind<AppSettings> = { schema: appSettingsSchema, migrations: [] };
const pathOf = (home: string): string => join(home, 'settings.json');

/** The app's own where nothing was chosen. @throws AppError of versioned records where the file is damaged or newer */
export async function readAppSettings(home: string): Promise<AppSettings> {
  const bytes = await readFileIfThere(pathOf(home));
  return bytes ? readRecord(kind, bytes, pathOf(home)) : { version: 1, keys: {} };
}

export const saveAppSettings = (home: string, settings: AppSettings): Promise<void> =>
  writeFileAtomically(pathOf(home), recordText(settings));
