import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LabelSaver, type SaveState } from './label-saver.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A disk whose writes end when they are told to. */
function opened() {
  const [disk, ends]: [number[], ((fails?: string) => void)[]] = [[0], []];
  let now: number | undefined = 0;
  let state: SaveState = 'saved';
  const failures: unknown[] = [];
  const saver = new LabelSaver(
    {
      labels: () => (now === undefined ? undefined : Uint8Array.of(now)),
      write: (labels) =>
        new Promise((resolve, reject) =>
          ends.push((fails) => {
            if (fails) return reject(new Error(fails));
            disk.push(labels[0]!);
            resolve();
          }),
        ),
      onState: (next) => {
        state = next;
      },
      onFailure: (error) => {
        failures.push(error);
        return (error as Error).message === 'full';
      },
      afterMs: 800,
      againMs: 3000,
    },
    Uint8Array.of(0),
  );
  return {
    saver,
    disk,
    failures,
    state: () => state,
    draw: (value: number) => {
      now = value;
      saver.edited();
    },
    close: () => {
      void saver.flush();
      now = undefined;
    },
    /** Ends the write that runs. */
    end: async (fails?: string) => {
      await vi.advanceTimersByTimeAsync(0);
      ends.shift()!(fails);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

test('a stroke is written a while after it, once', async () => {
  const { draw, state, disk, end } = opened();
  draw(1);
  await vi.advanceTimersByTimeAsync(500);
  draw(2);
  await vi.advanceTimersByTimeAsync(799);
  expect(state()).toBe('edited');
  await vi.advanceTimersByTimeAsync(1);
  expect(state()).toBe('saving');
  await end();
  expect([state(), disk]).toEqual(['saved', [0, 2]]);
});

test('an undo while the stroke is being written is written after it', async () => {
  const { draw, state, disk, end } = opened();
  draw(1);
  await vi.advanceTimersByTimeAsync(800);
  draw(0); // as on disk before the write that runs
  await vi.advanceTimersByTimeAsync(800);
  await end();
  expect(state()).toBe('saving');
  await end();
  expect([state(), disk]).toEqual(['saved', [0, 1, 0]]);
});

test('an edit that is taken back is not written; it is saved when the write that runs has ended', async () => {
  const { draw, state, disk, end } = opened();
  draw(1);
  await vi.advanceTimersByTimeAsync(800);
  draw(2);
  draw(1);
  await vi.advanceTimersByTimeAsync(800);
  expect(state()).toBe('saving');
  await end();
  expect([state(), disk]).toEqual(['saved', [0, 1]]);
});

test('a write that fails is tried again, also of a scan that was closed, and also where undo led back to what was there', async () => {
  const { draw, state, disk, failures, end, close } = opened();
  draw(1);
  await vi.advanceTimersByTimeAsync(800);
  await end('full');
  expect([state(), failures.length]).toEqual(['failed', 1]);
  draw(0); // nobody knows what a failed write left
  await vi.advanceTimersByTimeAsync(800);
  await end();
  expect([state(), disk]).toEqual(['saved', [0, 0]]);
  draw(3);
  close();
  await end('full');
  await vi.advanceTimersByTimeAsync(3000);
  await end();
  expect(disk).toEqual([0, 0, 3]);
});

test('where others changed the labels nothing is tried again by itself, and nothing is called saved', async () => {
  const { draw, state, disk, failures, end } = opened();
  draw(1);
  await vi.advanceTimersByTimeAsync(800);
  await end('changed elsewhere');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([state(), disk, failures.length]).toEqual(['failed', [0], 1]);
});
