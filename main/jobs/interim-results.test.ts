import { describe, expect, it } from 'vitest';
import { openInterimResults } from './interim-results.ts';
import type { SegmentedScan } from './segment-scan.ts';

const scan = {} as SegmentedScan; // only handed through

function opened({ there = 0, costMs = 100, failures = 0 } = {}) {
  let now = 0;
  let left = failures;
  const written: number[] = [];
  const interim = openInterimResults({
    nowMs: () => now,
    there,
    write: async () => {
      now += costMs;
      if (left-- > 0) throw new Error('the file is being read');
    },
    onWritten: (samples) => written.push(samples),
  });
  return { interim, written, wait: (ms: number) => (now += ms) };
}

describe('interim results', () => {
  it('come after the first sample, then not more often than every three seconds', async () => {
    const { interim, written, wait } = opened();
    for (let samples = 1; samples <= 10; samples++) {
      await interim.offer(samples, () => scan);
      wait(1000);
    }
    expect(written).toEqual([1, 4, 7, 10]);
  });

  it('take at most a fifth of the time where writing is slow', async () => {
    const { interim, written, wait } = opened({ costMs: 2000 });
    for (let samples = 1; samples <= 30; samples++) {
      await interim.offer(samples, () => scan);
      wait(1000);
    }
    expect(written).toEqual([1, 9, 17, 25]);
  });

  it('keep the last sample when the run is stopped, once', async () => {
    const { interim, written, wait } = opened();
    await interim.offer(1, () => scan);
    wait(500);
    await interim.offer(2, () => scan);
    await interim.keepLast();
    await interim.keepLast();
    expect(written).toEqual([1, 2]);
  });

  it('that cannot be written are tried again later, and end nothing', async () => {
    const { interim, written, wait } = opened({ failures: 2 });
    for (let samples = 1; samples <= 10; samples++) {
      await interim.offer(samples, () => scan);
      wait(1000);
    }
    expect(written).toEqual([7, 10]);
  });

  it('never take the place of a result of more samples', async () => {
    const { interim, written, wait } = opened({ there: 3 });
    for (let samples = 1; samples <= 5; samples++) {
      await interim.offer(samples, () => scan);
      wait(4000);
    }
    expect(written).toEqual([4, 5]);
  });
});
