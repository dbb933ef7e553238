/**
 * The decoding child: has one volume of untrusted pixels decoded in a thread, hands on what that says, and watches what the whole
 * process holds, which works alike on Linux, macOS and Windows. No tensors. Started by `decode-in-child.ts`, which ends it.
 */

import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/errors/app-error.ts';
import type { FromDecoder, ToDecoder } from './decode-messages.ts';

const watchEveryMs = 50;
/** Of the thread's JavaScript; pixels and codecs lie outside. */
const mostHeapMb = 2048;

/** To a parent that is gone nothing is said: without the callback that would be an error, and its exit wait for a busy thread. */
const say = (message: FromDecoder): void => void process.send?.(message, () => {});
const died = (how: string): FromDecoder => ({
  kind: 'failed',
  error: new AppError('dicom/decoder-died', { name: 'The series', how }).toWire(),
});

const thread = new Worker(new URL('./decode-thread.js', import.meta.url), {
  resourceLimits: { maxOldGenerationSizeMb: mostHeapMb },
});
thread.on('message', say);
thread.on('error', (error) => say(died(error.message)));

process.once('message', ({ task, mostBytes }: ToDecoder) => {
  thread.postMessage(task);
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() < mostBytes) return;
    clearInterval(watch);
    void thread.terminate();
    say(died(`more than ${(mostBytes / 2 ** 30).toFixed(1)} GiB of memory`));
  }, watchEveryMs);
});
/** The parent is gone, perhaps before this file was read; a busy thread would hold up an exit. */
const end = (): void => void process.kill(process.pid, 'SIGKILL');
process.on('disconnect', end);
if (!process.connected) end();
process.on('SIGINT', () => {}); // a terminal sends Ctrl-C to the whole group: the parent decides
