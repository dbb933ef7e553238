import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './file-failure.ts';

/** `draft`: not yet what its name says. `aside`: an old folder on its way out, to come back if the new one did not arrive. */
export type LeftoverKind = 'draft' | 'aside' | 'lock';
export interface Leftover {
  readonly path: string;
  /** Base name of what it was to be, or was. */
  readonly of: string;
  readonly kind: LeftoverKind;
  /** Nobody will finish it. */
  readonly abandoned: boolean;
}

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const pattern = /^\.(.+)\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.(draft|aside|lock)$/;
/** By another machine, or by a process whose number was given anew. */
const abandonedAfterMs = { draft: 7 * 24 * 3_600_000, aside: 7 * 24 * 3_600_000, lock: 120_000 } as const;

/** A hidden name beside `target` that says which process made it. */
export const besides = (target: string, kind: LeftoverKind): string =>
  join(dirname(target), `.${basename(target)}.${host}-${process.pid}-${randomBytes(4).toString('hex')}.${kind}`);

export const isLeftover = (name: string): boolean => pattern.test(name);

/** Drafts, asides and locks in a folder; [] where it does not exist. */
export async function leftovers(folder: string): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const name of await readdir(folder).catch(none)) {
    const [, of, madeOn, pid, kind] = pattern.exec(name) ?? [];
    if (of === undefined) continue;
    const path = join(folder, name);
    const known = kind as LeftoverKind; // the pattern has no other
    const dead = madeOn === host && !isAlive(Number(pid));
    found.push({ path, of, kind: known, abandoned: dead || (await isOld(path, abandonedAfterMs[known])) });
  }
  return found;
}

/** Clears what dead processes left in `folder`; a folder that was moved aside comes back where its successor is missing. */
export async function tidy(folder: string): Promise<void> {
  for (const { path, of, kind, abandoned } of await leftovers(folder)) {
    if (!abandoned) continue;
    const target = join(folder, of);
    if (kind === 'aside' && !(await exists(target))) await rename(path, target).catch(gone);
    else await rm(path, { recursive: true, force: true });
  }
}

export const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;

const gone = (cause: unknown): void => {
  if (errorCode(cause) !== 'ENOENT') throw cause; // else another process was faster
};
const none = (cause: unknown): string[] => {
  gone(cause);
  return [];
};

async function isOld(path: string, limitMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs > limitMs;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return errorCode(cause) !== 'ESRCH'; // not ours to signal, but there
  }
}
