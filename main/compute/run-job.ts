import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { AppError } from '../../contract/errors/app-error.ts';
import type { JobKind, JobRequest } from '../../contract/jobs.ts';
import type { Progress } from '../../contract/progress.ts';
import { homeFolder, resourcesFolder } from '../storage/folders.ts';
import { bugFrames } from './bug-frames.ts';
import type { JobResult } from './job-table.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export interface RunSettings {
  /** Stops the job: it is asked, and ended where it does not answer in time. */
  readonly signal?: AbortSignal;
  onProgress?(progress: Progress): void;
  readonly home?: string;
  readonly resources?: string;
}

/** A child that does not hear that it is to stop is ended after this; its last checkpoint stays. */
const patienceMs = 900;
/** One that has heard it has this long to keep what it has: a large scan's maps take seconds. */
const keepingMs = 60_000;
const logLimitBytes = 5e6;

/**
 * Runs one job in a child process that owns the tensors, so that the caller stays responsive and survives whatever happens there.
 * @throws AppError of the job, `job/cancelled`, `compute/worker-died`; Error with the child's stack for a bug
 */
export async function runJob<Kind extends JobKind>(
  request: JobRequest<Kind>,
  settings: RunSettings = {},
): Promise<JobResult<Kind>> {
  const { home = homeFolder(), resources = resourcesFolder() } = settings;
  const logs = openLogs(home);
  const startedMs = performance.now();
  const log = (outcome: string, more: object = {}): void =>
    logs.log.info({ job: request.kind, outcome, elapsedMs: Math.round(performance.now() - startedMs), ...more });
  try {
    const result = await converse(spawnWorker(logs.noise), { kind: 'run', request, home, resources }, settings);
    log('done');
    return result as JobResult<Kind>; // the worker ran the job of this kind
  } catch (error) {
    if (error instanceof AppError)
      log(error.code); // codes only: details may hold names
    else log('bug', { frames: error instanceof Error ? bugFrames(error.message) : [] }); // the message is the child's stack
    throw error;
  } finally {
    logs.close();
  }
}

function spawnWorker(noise: number): ChildProcess {
  const worker = fileURLToPath(new URL('./worker.js', import.meta.url));
  return fork(worker, { serialization: 'advanced', stdio: ['ignore', noise, noise, 'ipc'], execArgv: [] });
}

function converse(child: ChildProcess, opening: ToWorker, { signal, onProgress }: RunSettings): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let answer: Answer | undefined;
    let phase = 'starting';
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      if (timer) return;
      if (child.connected) child.send({ kind: 'cancel' } satisfies ToWorker);
      endAfter(patienceMs);
    };
    const endAfter = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), ms);
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'stopping') endAfter(keepingMs);
      else if (message.kind !== 'progress') answer = message;
      else {
        phase = message.progress.phase;
        onProgress?.(message.progress);
      }
    });
    child.on('error', reject);
    const exited = new Promise<readonly [number | null, NodeJS.Signals | null]>((done) =>
      child.once('exit', (code, killedBy) => done([code, killedBy])),
    );
    const drained = new Promise<void>((done) => child.once('disconnect', done)); // 'exit' may come before the last message
    void Promise.all([exited, drained]).then(([[code, killedBy]]) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      if (answer?.kind === 'result') resolve(answer.result);
      else reject(failureOf(answer, { phase, stopped: signal?.aborted === true, code, killedBy }));
    });
    child.send(opening);
  });
}

/** How a job ended, in the child's words. */
type Answer = Exclude<FromWorker, { kind: 'progress' | 'stopping' }>;

interface Ending {
  readonly phase: string;
  readonly stopped: boolean;
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
}

function failureOf(
  answer: Exclude<Answer, { kind: 'result' }> | undefined,
  { phase, stopped, code, killedBy }: Ending,
): Error {
  if (answer?.kind === 'failed') return AppError.fromWire(answer.error);
  if (stopped) return new AppError('job/cancelled', { phase });
  if (answer?.kind === 'bug') return new Error(answer.stack);
  const how = killedBy ? `signal ${killedBy}` : `code ${code}`;
  const advice =
    killedBy === 'SIGKILL'
      ? 'Most often the system was out of memory: close other programs.'
      : 'The log beside the models says more.';
  return new AppError('compute/worker-died', { how, advice });
}

/** `home/logs/fewscan.log` for what we say, `home/logs/compute.log` for what native libraries print. No names, paths or patient text. */
function openLogs(home: string): { readonly log: pino.Logger; readonly noise: number; close(): void } {
  const folder = join(home, 'logs');
  mkdirSync(folder, { recursive: true });
  const [ours, native] = [join(folder, 'fewscan.log'), join(folder, 'compute.log')];
  for (const file of [ours, native]) {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) renameSync(file, `${file}.1`);
  }
  const destination = pino.destination({ dest: ours, sync: true });
  const noise = openSync(native, 'a');
  return {
    log: pino({ base: null }, destination),
    noise,
    close: () => {
      destination.end();
      closeSync(noise);
    },
  };
}
