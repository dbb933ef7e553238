import { join } from 'node:path';
import { type Evidence, evidenceSchema } from '../../contract/evidence.ts';
import { readFileIfThere } from './files/read-file.ts';
import { type RecordKind, readRecord } from './records/versioned-record.ts';

const kind: RecordKind<Evidence> = { schema: evidenceSchema, migrations: [] };

/** What the program ships about its methods; nothing where `resources` has none. @throws AppError of versioned records where the file is damaged */
export async function readEvidence(resources: string): Promise<Evidence> {
  const path = join(resources, 'evidence.json');
  const bytes = await readFileIfThere(path);
  return bytes ? readRecord(kind, bytes, path) : { version: 1, targets: [] };
}
