import type { ReproductionRun } from '../../../contract/reproduction.ts';
import type { Ports } from '../ports.ts';

/** A run of which nothing is done yet. */
export const beginRun = (
  { machine }: Ports,
  { key, method, seed, settings }: Pick<ReproductionRun, 'key' | 'method' | 'seed' | 'settings'>,
): ReproductionRun => ({
  version: 1,
  key,
  method,
  seed,
  settings,
  rows: [],
  finished: false,
  elapsedMs: 0,
  peakMemoryBytes: 0,
  compute: machine.compute,
  appVersion: machine.appVersion,
  updatedAt: new Date().toISOString(),
});

/** The run with more rows, and what they took. */
export const extendRun = (
  { machine }: Ports,
  run: ReproductionRun,
  { rows, finished, elapsedMs }: Pick<ReproductionRun, 'rows' | 'finished' | 'elapsedMs'>,
): ReproductionRun => ({
  ...run,
  rows: [...run.rows, ...rows],
  finished,
  elapsedMs: run.elapsedMs + elapsedMs,
  peakMemoryBytes: Math.max(run.peakMemoryBytes, machine.peakMemoryBytes()),
  compute: machine.compute,
  appVersion: machine.appVersion,
  updatedAt: new Date().toISOString(),
});
