import { randomBytes } from 'node:crypto';
import type { JobState } from '../../../contract/app/job-state.ts';
import { AppError } from '../../../contract/errors/app-error.ts';
import type { JobRequest } from '../../../contract/jobs.ts';
import { learningPng } from '../../storage/pictures/learning-picture.ts';
import { runJob } from '../run-job.ts';
import { keepPicture, readJobs, saveJob } from './job-records.ts';

export interface QueueSettings {
  readonly home: string;
  readonly resources: string;
  /** Told of each change of a job. */
  onChange(job: JobState): void;
}

export interface JobQueue {
  list(): readonly JobState[];
  /** Puts a job at the end; one computes at a time. */
  start(job: { readonly title: string; readonly request: JobRequest; readonly scan?: string }): JobState;
  /** Runs a short trial while no job computes. @throws AppError `job/busy` */
  whileIdle<Result>(trial: () => Promise<Result>): Promise<Result>;
  cancel(id: string): void;
  /** Cancels what waits or runs for a scan; resolves when nothing does any more. */
  endAllFor(scan: string): Promise<void>;
  pause(id: string): void;
  resume(id: string): JobState;
  /** Stops what runs, keeping checkpoints; resolves when the child is gone. */
  close(): Promise<void>;
}

interface Running {
  readonly id: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  /** What the job becomes when it has stopped. */
  stoppedAs: 'cancelled' | 'paused' | 'interrupted';
}

/** The app's jobs: one at a time in a child process, kept on disk, so that a restart shows what was and goes on with what can. */
export async function openJobQueue({ home, resources, onChange }: QueueSettings): Promise<JobQueue> {
  const jobs = new Map((await readJobs(home)).map((job) => [job.id, job]));
  let running: Running | undefined;
  let saving: Promise<unknown> = Promise.resolve(); // one after the other: the last state is the one that stays
  let isClosed = false;
  const find = (id: string): JobState => {
    const job = jobs.get(id);
    if (!job) throw new AppError('library/no-such-job', { id });
    return job;
  };
  const set = (job: JobState, isWorthKeeping = true): JobState => {
    jobs.set(job.id, job);
    if (isWorthKeeping) saving = saving.then(() => saveJob(home, job)).catch(() => undefined); // a full disk must not end the job itself
    onChange(job);
    return job;
  };
  const next = (): void => {
    if (running || isClosed) return;
    const [waiting] = [...jobs.values()]
      .filter(({ status }) => status === 'waiting')
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0)); // in order where the clock is the same
    if (waiting) run(waiting);
  };
  const run = (job: JobState): void => {
    const stop = new AbortController();
    set({ ...job, status: 'running', error: null, progress: null });
    const ended = runJob(job.request, {
      signal: stop.signal,
      home,
      resources,
      onProgress: ({ point, slice, ...progress }) => {
        const now = find(job.id);
        const next = { ...now, progress: { ...now.progress, ...progress } };
        if (!point) return set(next, false);
        // a job that goes on from its checkpoint comes by its last steps again
        set({ ...next, curve: [...now.curve.filter(({ step }) => step < point.step), point] });
        if (slice)
          void keepPicture(home, { job: job.id, step: point.step, png: learningPng(slice) })
            .then(() => {
              const { pictures, ...then } = find(job.id);
              set({ ...then, pictures: [...pictures.filter((step) => step < point.step), point.step] });
            })
            .catch(() => undefined); // the training matters more than its pictures
      },
    })
      .then(
        (result): Partial<JobState> => ({ status: 'done', result }),
        (error: unknown): Partial<JobState> =>
          stop.signal.aborted
            ? { status: running?.stoppedAs ?? 'cancelled' }
            : { status: interruptible(error) ? 'interrupted' : 'failed', error: sentenceOf(error) },
      )
      .then((outcome) => {
        running = undefined;
        set({ ...find(job.id), ...outcome, endedAt: new Date().toISOString() });
        next();
      });
    running = { id: job.id, stop, ended, stoppedAs: 'cancelled' };
  };
  const stop = (id: string, as: Running['stoppedAs']): void => {
    const job = find(id);
    if (running?.id === id) {
      running.stoppedAs = as;
      running.stop.abort();
    } else if (
      job.status === 'waiting' ||
      (as === 'cancelled' && (job.status === 'paused' || job.status === 'interrupted'))
    )
      set({ ...job, status: as });
  };
  return {
    list: () => [...jobs.values()].sort((a, b) => (a.id < b.id ? 1 : -1)),
    start: ({ title, request, scan }) => {
      const createdAt = new Date().toISOString();
      const id = `${createdAt.replace(/\D/g, '')}-${randomBytes(3).toString('hex')}`;
      const empty = { endedAt: null, progress: null, curve: [], error: null, result: null } as const;
      const job = set({
        version: 1,
        id,
        title,
        request,
        status: 'waiting',
        scan: scan ?? null,
        createdAt,
        ...empty,
        curve: [],
        pictures: [],
      });
      next();
      return find(job.id);
    },
    whileIdle: async (trial) => {
      if (running) throw new AppError('job/busy', undefined);
      return trial();
    },
    cancel: (id) => stop(id, 'cancelled'),
    endAllFor: async (scan) => {
      const own = [...jobs.values()].filter((job) => job.scan === scan);
      for (const { id, status } of own) if (status !== 'done' && status !== 'failed') stop(id, 'cancelled');
      if (own.some(({ id }) => id === running?.id)) await running?.ended;
    },
    pause: (id) => stop(id, 'paused'),
    resume: (id) => {
      const job = find(id);
      if (!['paused', 'interrupted', 'failed', 'cancelled'].includes(job.status)) return job;
      set({ ...job, status: 'waiting', endedAt: null, error: null });
      next();
      return find(id);
    },
    close: async () => {
      isClosed = true;
      if (!running) {
        await saving;
        return;
      }
      running.stoppedAs = 'interrupted';
      running.stop.abort();
      await running.ended;
      await saving;
    },
  };
}

const interruptible = (error: unknown): boolean => error instanceof AppError && error.code === 'compute/worker-died';
const sentenceOf = (error: unknown): string =>
  error instanceof AppError
    ? error.message
    : 'This is a bug in Fewscan. The log in the folder of models and runs says more; please report it.';
