import { join } from 'node:path';
import { type JobState, jobStateSchema } from '../../../contract/app/job-state.ts';
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
    const job = readRecord(kind, await readFileBytes(join(folder, name), 'job'), join(folder, name));
    const wasAlive = job.status === 'running' || job.status === 'waiting';
    jobs.push(wasAlive ? { ...job, status: 'interrupted' } : job);
  }
  return jobs.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** Ids begin with the time, so that names sort by it. */
export const saveJob = (home: string, job: JobState): Promise<void> =>
  writeFileAtomically(join(home, 'jobs', `${job.id}.json`), recordText(job));
