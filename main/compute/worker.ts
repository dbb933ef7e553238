/** The computing child: runs one job, reports, stops when asked, and ends. Started by `run-job.ts`. */

import { AppError } from '../../contract/errors/app-error.ts';
import { jobRequestSchema } from '../../contract/jobs.ts';
import type { JobContext } from '../jobs/ports.ts';
import { openPorts } from '../storage/open-ports.ts';
import { chosenBackEnd, findBackEnds, noBackEnd } from './back-end.ts';
import { childDecoder } from './decode-in-child.ts';
import { needsTensors, performJob } from './job-table.ts';
import { machineOf } from './machine.ts';
import type { FromWorker, ToWorker } from './messages.ts';

const say = (message: FromWorker): Promise<void> =>
  new Promise((resolve) => (process.send ? process.send(message, () => resolve()) : resolve()));

const cancelled = new AbortController();
const progressEveryMs = 100;

function contextOf(): JobContext {
  let saidMs = 0;
  return {
    signal: cancelled.signal,
    report(progress) {
      const now = performance.now();
      if (
        !progress.point &&
        !progress.shown &&
        now - saidMs < progressEveryMs &&
        progress.done > 0 &&
        progress.done < progress.total
      )
        return;
      saidMs = now;
      void say({ kind: 'progress', progress });
    },
    async breathe(phase) {
      await new Promise((resolve) => setImmediate(resolve)); // lets messages in
      if (!cancelled.signal.aborted) return;
      void say({ kind: 'stopping' });
      throw new AppError('job/cancelled', { phase });
    },
  };
}

async function run({ request: untrusted, home, resources }: Extract<ToWorker, { kind: 'run' }>): Promise<FromWorker> {
  try {
    const request = jobRequestSchema.parse(untrusted);
    const findings = needsTensors(request.kind) ? await findBackEnds() : [];
    const compute = needsTensors(request.kind) && request.kind !== 'doctor' ? chosenBackEnd(findings) : noBackEnd;
    const ports = {
      ...openPorts(home, resources, childDecoder),
      machine: machineOf(findings.find((one) => one.chosen)?.compute ?? compute),
    };
    return { kind: 'result', result: await performJob({ ports, context: contextOf(), findings }, request) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'failed', error: error.toWire() };
    return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (message: ToWorker) => {
  if (message.kind === 'cancel') cancelled.abort();
  else
    void run(message)
      .then(say)
      .then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1)); // the parent is gone
process.on('SIGINT', () => {}); // a terminal sends Ctrl-C to the whole group: the parent decides
