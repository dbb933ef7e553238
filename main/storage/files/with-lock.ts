import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../contract/errors/app-error.ts';
import { besides, leftovers } from './drafts.ts';
import { touching } from './file-failure.ts';
import { writeNewFile } from './write-file.ts';

const patienceMs = 60_000;

/**
 * Runs `work` (short: some small files) while no other process or caller is in the lock `name` of `folder`. Each
 * contender puts a lock file of its own down first and looks round second, so two never both find themselves alone;
 * locks of dead processes count for nothing. @throws AppError `storage/busy`
 */
export async function withLock<Result>(folder: string, name: string, work: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + patienceMs;
  await touching(folder, () => mkdir(folder, { recursive: true }));
  while (Date.now() < deadline) {
    const mine = besides(join(folder, name), 'lock');
    try {
      await touching(mine, () => writeNewFile(mine, ''));
      const rivals = await liveRivals(folder, name, mine);
      if (rivals === 0) return await work();
    } finally {
      await rm(mine, { force: true });
    }
    await sleep(5 + Math.random() * 50); // timing only: no result depends on it
  }
  throw new AppError('storage/busy', { where: folder });
}

async function liveRivals(folder: string, name: string, mine: string): Promise<number> {
  let live = 0;
  for (const { path, of, kind, abandoned } of await leftovers(folder)) {
    if (kind !== 'lock' || of !== name || basename(path) === basename(mine)) continue;
    if (abandoned) await rm(path, { force: true });
    else live++;
  }
  return live;
}
