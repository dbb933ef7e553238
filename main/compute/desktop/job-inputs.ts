import { rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { JobState } from '../../../contract/app/job-state.ts';
import { listFolder } from '../../storage/files/list-folder.ts';

/** Where the app itself keeps what its jobs read: files that a browser sent, and data sets of links. */
const rooms = ['inbox', 'adaptations'] as const;
export type InputRoom = (typeof rooms)[number];

/** A folder for one job's inputs. */
export const inputFolder = (home: string, room: InputRoom, name: string): string => join(home, room, name);

/** Deletes the app's own copy of what paths lead into; a person's own files are never touched. */
export async function removeInputs(home: string, paths: readonly string[]): Promise<void> {
  for (const folder of new Set(paths.flatMap((path) => inputFolderOf(home, path))))
    await rm(folder, { recursive: true, force: true });
}

/** Paths that a job reads or writes. */
export const pathsOf = ({ request }: Pick<JobState, 'request'>): readonly string[] =>
  Object.values(request)
    .flat()
    .filter((value): value is string => typeof value === 'string');

/** Deletes what no job needs any more: those that are done or cancelled, and uploads that none was started for. */
export async function removeStrayInputs(
  home: string,
  jobs: readonly Pick<JobState, 'status' | 'request'>[],
): Promise<void> {
  const needed = new Set(
    jobs
      .filter(({ status }) => status !== 'done' && status !== 'cancelled')
      .flatMap((job) => pathsOf(job).flatMap((path) => inputFolderOf(home, path))),
  );
  for (const room of rooms)
    for (const name of await listFolder(join(home, room))) {
      const folder = inputFolder(home, room, name);
      if (!needed.has(folder)) await rm(folder, { recursive: true, force: true });
    }
}

function inputFolderOf(home: string, path: string): readonly string[] {
  const [room, name] = relative(home, path).split(sep);
  return rooms.some((one) => one === room) && name ? [inputFolder(home, room as InputRoom, name)] : [];
}
