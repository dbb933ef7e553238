import { mkdir, open } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors/app-error.ts';
import { touching } from './files/file-failure.ts';
import { readFileIfThere } from './files/read-file.ts';
import { sha256 } from './files/sha256.ts';
import { withLock } from './files/with-lock.ts';
import { canonicalJson } from './records/canonical-json.ts';

const entrySchema = z.strictObject({
  at: z.string(),
  /** Account that did it. */
  by: z.string(),
  action: z.string(),
  /** Ids, versions and hashes only. */
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  previousSha256: z.string(),
  /** Over all the fields above, as canonical JSON. */
  sha256: z.string(),
});
export type AuditEntry = z.infer<typeof entrySchema>;

/** Who did what with which model version and which scan. */
export interface AuditLog {
  /** On disk when it returns. The caller holds the lock of the home folder, and writes before it acts: nothing goes unlogged. */
  append(action: string, details: AuditEntry['details']): Promise<void>;
  /** `append` that takes the lock itself. */
  record(action: string, details: AuditEntry['details']): Promise<void>;
  entries(): Promise<readonly AuditEntry[]>;
  /** Follows the chain. Keep the last hash elsewhere to know later that nothing was cut off. @throws AppError `storage/corrupted` */
  verify(): Promise<{ readonly entries: number; readonly lastSha256: string }>;
}

const beforeTheFirst = '0'.repeat(64);
const newline = 10;

/** One JSON document a line in `home/audit.jsonl`, each holding the hash of the one before. */
export function openAuditLog(home: string): AuditLog {
  const file = join(home, 'audit.jsonl');
  const read = async () => parseEntries(await readFileIfThere(file), file);
  const append: AuditLog['append'] = (action, details) =>
    touching(file, async () => appendEntry(file, await read(), { action, details }));
  return {
    append,
    record: (action, details) => withLock(home, 'store', () => append(action, details)),
    entries: async () => (await read()).entries,
    verify: async () => {
      const { entries } = await read();
      let lastSha256 = beforeTheFirst;
      for (const [n, { sha256: seal, ...entry }] of entries.entries()) {
        if (entry.previousSha256 !== lastSha256 || seal !== sha256(canonicalJson(entry))) {
          throw new AppError('storage/corrupted', { file, reason: `entry ${n + 1} was changed, or one before it` });
        }
        lastSha256 = seal;
      }
      return { entries: entries.length, lastSha256 };
    },
  };
}

interface Log {
  readonly entries: readonly AuditEntry[];
  /** Up to the last complete line; what comes after was being written when the process died, and never returned. */
  readonly byteLength: number;
}

async function appendEntry(
  file: string,
  log: Log,
  { action, details }: Pick<AuditEntry, 'action' | 'details'>,
): Promise<void> {
  const entry = {
    at: new Date().toISOString(),
    by: account(),
    action,
    details,
    previousSha256: log.entries.at(-1)?.sha256 ?? beforeTheFirst,
  };
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'a');
  try {
    await handle.truncate(log.byteLength);
    await handle.appendFile(`${JSON.stringify({ ...entry, sha256: sha256(canonicalJson(entry)) })}\n`);
    await handle.sync();
  } catch (cause) {
    await handle.truncate(log.byteLength);
    throw cause;
  } finally {
    await handle.close();
  }
}

function parseEntries(bytes: Uint8Array | undefined, file: string): Log {
  const byteLength = bytes === undefined ? 0 : bytes.lastIndexOf(newline) + 1;
  const lines = byteLength === 0 ? [] : new TextDecoder().decode(bytes!.subarray(0, byteLength - 1)).split('\n');
  return { entries: lines.map((line, n) => parseEntry(line, `${file}, line ${n + 1}`)), byteLength };
}

function parseEntry(line: string, file: string): AuditEntry {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new AppError('storage/corrupted', { file, reason: 'it is no entry of the audit log' }, { cause });
  }
}

function account(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // a user without a name, as in some containers
  }
}
