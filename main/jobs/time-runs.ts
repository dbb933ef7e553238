import type { Machine } from './ports.ts';

/** Milliseconds of a piece of work: the first time, when kernels are made and code is compiled, and later (the median). */
export interface RunTimes {
  readonly firstMs: number;
  readonly laterMs: number;
}

const laterRuns = 3;

/** Runs a piece of work a few times. */
export async function timeRuns(machine: Machine, run: () => unknown): Promise<RunTimes> {
  const all: number[] = [];
  for (let n = 0; n <= laterRuns; n++) {
    const startedMs = machine.nowMs();
    await run();
    all.push(machine.nowMs() - startedMs);
  }
  const [firstMs, ...later] = all as [number, ...number[]]; // the loop runs at least once
  return { firstMs, laterMs: later.sort((a, b) => a - b)[later.length >> 1]! };
}

/** What the first run takes beyond a later one. */
export const warmUpMs = ({ firstMs, laterMs }: RunTimes): number => Math.max(0, firstMs - laterMs);
