import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { MemberRule } from './platform-table.ts';

/** A member that was written: its path below the target folder and its length. */
export interface Unpacked {
  readonly path: string;
  readonly byteLength: number;
}

/**
 * Writes the members of the wheel at `path` that a rule keeps below `folder`, one at a time and never whole in memory.
 * Throws where the archive is damaged or holds a path that leaves the folder; what was written so far stays.
 */
export async function* unpackWheel(
  path: string,
  rules: readonly MemberRule[],
  folder: string,
): AsyncGenerator<Unpacked> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const rule = entry.fileName.endsWith('/') ? undefined : rules.find(({ match }) => match.test(entry.fileName));
      if (!rule) continue;
      const target = entry.fileName.replace(rule.match, rule.to);
      await writeMember(zip, entry, join(folder, target));
      yield { path: target, byteLength: entry.uncompressedSize };
    }
  } finally {
    zip.close();
  }
}

async function writeMember(zip: ZipFile, entry: Entry, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const permissions = (entry.externalFileAttributes >>> 16) & 0o777;
  const source = await zip.openReadStreamPromise(entry);
  await pipeline(
    source,
    createWriteStream(target, { mode: permissions || 0o644, flush: true, highWaterMark: 1 << 20 }),
  );
}
