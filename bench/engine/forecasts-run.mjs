// One job in a process of its own, as the computing child runs it. Usage: forecasts-run.mjs HOME REQUEST. Prints one line of JSON.

import { jobRequestSchema } from '../../dist/contract/jobs.js';
import { chosenBackEnd, findBackEnds } from '../../dist/main/compute/back-end.js';
import { performJob } from '../../dist/main/compute/job-table.js';
import { machineOf } from '../../dist/main/compute/machine.js';
import { openPorts } from '../../dist/main/storage/open-ports.js';

const [home, request] = process.argv.slice(2);
const findings = await findBackEnds();
const ports = { ...openPorts(home), machine: machineOf(chosenBackEnd(findings)) };
const context = {
  signal: new AbortController().signal,
  report: () => {},
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
};
const startedMs = performance.now();
const result = await performJob({ ports, context, findings }, jobRequestSchema.parse(JSON.parse(request)));
const elapsedMs = performance.now() - startedMs;
const { neededBytes, expectedMs, patch } = result;
process.stdout.write(
  `${JSON.stringify({ elapsedMs, peakBytes: process.resourceUsage().maxRSS * 1024, neededBytes, expectedMs, patch })}\n`,
);
