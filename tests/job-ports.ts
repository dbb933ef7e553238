import { join } from 'node:path';
import { noBackEnd } from '../main/compute/back-end.ts';
import { machineOf } from '../main/compute/machine.ts';
import type { JobContext, Ports } from '../main/jobs/ports.ts';
import { openPorts } from '../main/storage/open-ports.ts';

/** The product's own stores in a folder, and this process as the machine. */
export const testPorts = (folder: string): Ports => ({
  ...openPorts(join(folder, 'home')),
  machine: machineOf(noBackEnd),
});

/** Hears no progress and is never stopped. */
export const quietContext = (): JobContext => ({
  signal: new AbortController().signal,
  report: () => {},
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
});
