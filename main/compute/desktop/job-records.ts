import { join } from 'node:path';
import { type JobState, jobStateSchema } from '../../../contract/app/job-state.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import { listFolder } from '../../storage/files/list-folder.ts';
import { readFileBytes } from '../../storage/files/read-file.ts';
import { writeFileAtomically } from '../../storage/files/write-file.ts';
import { type RecordKind, readRecord, recordText } from '../../storage/records/versioned-record.ts';

const kind: RecordKind<JobState> = { schema: jobStateSchema, migrations: [] };
const kept = 200;

/** Jobs in `home/jobs/`, newest first. Those that ran when the app ended are interrupted: their checkpoints are still there. */
export async function readJobs(home: string): Promise<readonly JobState[]> {
  const folder = join(home, 'jobs');
  const jobs: JobState[] = [];
  for (const name of (await listFolder(folder)).filter((one) => one.endsWith('.json')).slice(-kept)) {
    const job = await readJob(join(folder, name));
    if (!job) continue;
    const wasAlive = job.status === 'running' || job.status === 'waiting';
    jobs.push(wasAlive ? { ...job, status: 'interrupted' } : job);
  }
  return jobs.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** undefined where the file is damaged, or of a newer program: one job must not keep the app from starting. */
async function readJob(path: string): Promise<JobState | undefined> {
  try {
    return readRecord(kind, await readFileBytes(path, 'job'), path);
  } catch (cause) {
    if (cause instanceof AppError) return undefined;
    throw cause;
  }
}

const pictureOf = (home: string, job: string, step: number): string => join(home, 'jobs', job, `step-${step}.png`);

export const keepPicture = (
  home: string,
  { job, step, png }: { readonly job: string; readonly step: number; readonly png: Uint8Array },
): Promise<void> => writeFileAtomically(pictureOf(home, job, step), png);

/** Picture of a held-out scan at a step: `JOB/STEP`. @throws AppError `library/no-such-job`, `storage/not-found` */
export async function readPicture(home: string, path: string): Promise<Uint8Array> {
  const [, job, step] = /^(\d{17}-[0-9a-f]{6})\/(\d{1,9})$/.exec(path) ?? [];
  if (job === undefined) throw new AppError('library/no-such-job', { id: path });
  return readFileBytes(pictureOf(home, job, Number(step)), 'picture');
}

/** Ids begin with the time, so that names sort by it. */
export const saveJob = (home: string, job: JobState): Promise<void> =>
  writeFileAtomically(join(home, 'jobs', `${job.id}.json`), recordText(job));
