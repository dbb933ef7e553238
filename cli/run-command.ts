import { AppError } from '../contract/errors/app-error.ts';
import { type JobKind, type JobRequest, jobRequests } from '../contract/jobs.ts';
import type { JobResult } from '../main/compute/job-table.ts';
import { type RunSettings, runJob } from '../main/compute/run-job.ts';
import { openProgressView } from './progress-view.ts';

/** 0 done, 1 bug, 2 wrong usage or bad input, 130 cancelled. */
export const exitCodes = { done: 0, bug: 1, wrong: 2, cancelled: 130 } as const;

/** Options of every command. */
export interface Output {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Runs a job in the computing child with progress and Ctrl-C, and prints its result. Sets the process's exit code. */
export async function runCommand<Kind extends JobKind>(
  kind: Kind,
  settings: Readonly<Record<string, unknown>>,
  {
    output,
    print,
    home,
  }: { readonly output: Output; readonly print: (result: JobResult<Kind>) => string } & Pick<RunSettings, 'home'>,
): Promise<void> {
  const view = openProgressView(process.stderr, output.quiet);
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.cancelled); // the second time
    stop.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  await reporting(output, async () => {
    const parsed = jobRequests[kind].safeParse({ kind, ...settings });
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!; // a failed parse has at least one
      throw new AppError('job/settings', { key: issue.path.join('.'), problem: issue.message });
    }
    try {
      const request = parsed.data as unknown as JobRequest<Kind>; // the schema of this kind made it
      const result = await runJob(request, {
        signal: stop.signal,
        onProgress: (progress) => view.show(progress),
        ...(home === undefined ? {} : { home }),
      });
      view.close();
      return { result, text: print(result) };
    } finally {
      view.close();
    }
  });
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
}

/** Prints what `work` gives, if anything: one JSON document on stdout with --json, else its text. Failures go to stderr and the exit code. */
export async function reporting(
  output: Output,
  work: () => Promise<{ readonly result: unknown; readonly text: string } | undefined>,
): Promise<void> {
  try {
    const done = await work();
    if (!done) return;
    const { result, text } = done;
    process.stdout.write(output.json ? `${JSON.stringify(result, null, 2)}\n` : text === '' ? '' : `${text}\n`);
  } catch (error) {
    process.exitCode = codeOf(error);
    const message =
      error instanceof AppError
        ? error.message
        : `This is a bug in Fewscan; please report it.\n${error instanceof Error ? error.stack : String(error)}`;
    process.stderr.write(`${message}\n`);
    if (output.json)
      process.stdout.write(
        `${JSON.stringify({ error: error instanceof AppError ? { code: error.code, message } : { code: 'bug', message } }, null, 2)}\n`,
      );
  }
}

function codeOf(error: unknown): number {
  if (!(error instanceof AppError)) return exitCodes.bug;
  return error.code === 'job/cancelled' ? exitCodes.cancelled : exitCodes.wrong;
}
