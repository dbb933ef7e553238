import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { JobState } from '../../../contract/app/job-state.ts';
import { type JobInput, type JobRequest, jobRequestSchema } from '../../../contract/jobs.ts';
import { isSetUp } from '../../../tests/run-fewscan.ts';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';

/** Compiled: the queue starts real children, which are files of the build. */
const compiled = new URL('../../../dist/main/compute/desktop/job-queue.js', import.meta.url).href;
const { openJobQueue } = isSetUp
  ? ((await import(compiled)) as typeof import('./job-queue.ts'))
  : { openJobQueue: undefined as never };
const resources = fileURLToPath(new URL('../../../resources', import.meta.url));
const request = (input: JobInput): JobRequest => jobRequestSchema.parse(input);

/** Takes a second or so; needs no tensors. */
const listing = request({ kind: 'collect', inputs: [join(resources, 'demo/imagesTs')] });
/** Takes long, a file at a time, and goes on where it stopped. */
const synthesis = (out: string, count = 400): JobRequest =>
  request({
    kind: 'synthesize',
    labels: join(resources, 'demo/labelsTr'),
    out,
    count,
    target: [1, 2],
    intensities: 'random',
    crop: [24, 24, 24],
  });

async function opened(home = temporaryFolder()) {
  const changes: JobState[] = [];
  const queue = await openJobQueue({ home, resources, onChange: (job) => changes.push(job) });
  const until = async (id: string, isSo: (job: JobState) => boolean): Promise<JobState> => {
    for (;;) {
      const job = queue.list().find((one) => one.id === id)!; // it was started
      if (isSo(job)) return job;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const ended = (id: string) => until(id, ({ status }) => status !== 'running' && status !== 'waiting');
  const begun = (id: string) =>
    until(id, ({ progress, status, error }) => {
      if (status !== 'running' && status !== 'waiting') throw new Error(`${status}: ${error}`);
      return progress?.unit === 'images' && progress.done > 1;
    });
  return { home, queue, changes, ended, begun };
}

describe.skipIf(!isSetUp)('the queue of jobs (skipped where Fewscan is not built and set up)', () => {
  it('runs one at a time in the order in which they came, and tells of each change', async () => {
    const { queue, changes, ended } = await opened();
    const jobs = ['first', 'second', 'third'].map((title) => queue.start({ title, request: listing }));
    expect(queue.list().filter(({ status }) => status === 'running')).toHaveLength(1);
    for (const { id } of jobs) expect((await ended(id)).status).toBe('done');
    const at = ({ id }: JobState, status: JobState['status']) =>
      changes.findIndex((change) => change.id === id && change.status === status);
    for (const [n, job] of jobs.entries()) {
      expect(at(job, 'done')).toBeGreaterThan(at(job, 'running'));
      if (n > 0) expect(at(job, 'running')).toBeGreaterThan(at(jobs[n - 1]!, 'done'));
    }
    expect(queue.list()[0]!.result).toMatchObject({ added: 0 });
    await queue.close();
  }, 60_000);

  it('says what to do where a job fails, and goes on with the next', async () => {
    const { home, queue, ended } = await opened();
    const bad = queue.start({
      title: 'bad',
      request: request({ kind: 'evaluate', predictions: join(home, 'none'), labels: join(home, 'none') }),
    });
    const good = queue.start({ title: 'good', request: listing });
    expect(await ended(bad.id)).toMatchObject({ status: 'failed', error: expect.stringMatching(/\S+ .*\.$/) });
    expect((await ended(good.id)).status).toBe('done');
    await queue.close();
  }, 60_000);

  it('cancels a job that waits without ever starting it, and one that runs', async () => {
    const { home, queue, changes, ended, begun } = await opened();
    const runs = queue.start({ title: 'runs', request: synthesis(join(home, 'out')) });
    const waits = queue.start({ title: 'waits', request: listing });
    queue.cancel(waits.id);
    await begun(runs.id);
    await expect(queue.whileIdle(async () => 1)).rejects.toThrow('A job is computing');
    queue.cancel(runs.id);
    expect((await ended(runs.id)).status).toBe('cancelled');
    expect(changes.filter(({ id }) => id === waits.id).map(({ status }) => status)).toEqual(['waiting', 'cancelled']);
    expect(await queue.whileIdle(async () => 1)).toBe(1);
    await queue.close();
  }, 60_000);

  it('ends everything that is done for a scan before it is removed, and nothing else', async () => {
    const { home, queue, begun } = await opened();
    const runs = queue.start({ title: 'runs', request: synthesis(join(home, 'one')), scan: 'a' });
    const waits = queue.start({ title: 'waits', request: listing, scan: 'a' });
    const other = queue.start({ title: 'other', request: synthesis(join(home, 'two')), scan: 'b' });
    await begun(runs.id);
    await queue.endAllFor('a');
    const statusOf = (id: string) => queue.list().find((job) => job.id === id)!.status;
    expect([runs, waits].map(({ id }) => statusOf(id))).toEqual(['cancelled', 'cancelled']);
    await begun(other.id);
    await queue.close();
  }, 60_000);

  it('pauses, and goes on where it was, with the same files as without a pause', async () => {
    const { home, queue, ended, begun } = await opened();
    const [out, straight] = [join(home, 'paused'), join(home, 'straight')];
    const { id } = queue.start({ title: 'pauses', request: synthesis(out, 40) });
    await begun(id);
    queue.pause(id);
    expect((await ended(id)).status).toBe('paused');
    const before = readdirSync(join(out, 'images')).length;
    expect(before).toBeLessThan(40);
    queue.resume(id);
    expect((await ended(id)).status).toBe('done');
    const other = queue.start({ title: 'straight', request: synthesis(straight, 40) });
    await ended(other.id);
    const files = readdirSync(join(straight, 'images'));
    expect(readdirSync(join(out, 'images'))).toEqual(files);
    for (const file of files)
      expect(readFileSync(join(out, 'images', file)).equals(readFileSync(join(straight, 'images', file))), file).toBe(
        true,
      );
    await queue.close();
  }, 120_000);

  it('marks a job interrupted whose child was killed, or that ran when the app ended, and lets it go on', async () => {
    const first = await opened();
    const { id } = first.queue.start({ title: 'dies', request: synthesis(join(first.home, 'out'), 60) });
    await first.begun(id);
    const children = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'worker.js'], { encoding: 'utf8' })
      .trim()
      .split('\n');
    for (const child of children) process.kill(Number(child), 'SIGKILL');
    expect(await first.ended(id)).toMatchObject({ status: 'interrupted', error: expect.stringContaining('SIGKILL') });
    first.queue.resume(id);
    await first.begun(id);
    await first.queue.close();
    const second = await opened(first.home);
    expect(second.queue.list()).toMatchObject([{ id, status: 'interrupted' }]);
    second.queue.resume(id);
    expect(await second.ended(id)).toMatchObject({ status: 'done', error: null });
    await second.queue.close();
    expect((await opened(first.home)).queue.list()).toMatchObject([{ id, status: 'done' }]);
  }, 120_000);

  it('opens where a record is damaged or of a newer program, and refuses ids it does not know', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'jobs'));
    writeFileSync(join(home, 'jobs', '20260101000000000-aaaaaa.json'), '{"version":1,"id"');
    writeFileSync(join(home, 'jobs', '20260101000000001-bbbbbb.json'), '{"version":99}');
    const { queue } = await opened(home);
    expect(queue.list()).toEqual([]);
    for (const work of [queue.cancel, queue.pause, queue.resume])
      expect(() => work('none')).toThrow(expect.objectContaining({ code: 'library/no-such-job' }));
    await queue.close();
  });
});
