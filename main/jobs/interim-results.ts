import type { SegmentedScan } from './segment-scan.ts';

export interface InterimResults {
  /** Writes the result of the samples so far, unless the last one was written a moment ago. A writing that fails is tried again later. */
  offer(samples: number, result: () => SegmentedScan): Promise<void>;
  /** Writes what was last offered, if it was not. */
  keepLast(): Promise<void>;
}

/** Two writings lie at least this far apart, and four times what one takes: at most a fifth of the time goes there. */
const apartMs = 3000;
const apartCosts = 4;

/** When a segmentation that goes on shows what it knows: after the first sample, then now and then. */
export function openInterimResults({
  nowMs,
  write,
  there,
  onWritten,
}: {
  nowMs(): number;
  write(result: SegmentedScan): Promise<unknown>;
  /** Samples of the result that is there already: a lesser one never takes its place. */
  readonly there: number;
  onWritten(samples: number): void;
}): InterimResults {
  let written = there;
  let next = Number.NEGATIVE_INFINITY;
  let last: { readonly samples: number; readonly result: () => SegmentedScan } | undefined;
  const writeLast = async (): Promise<void> => {
    if (!last || last.samples <= written) return;
    const { samples, result } = last;
    const startedMs = nowMs();
    await write(result());
    written = samples;
    onWritten(samples);
    next = nowMs() + Math.max(apartMs, apartCosts * (nowMs() - startedMs));
  };
  return {
    async offer(samples, result) {
      last = { samples, result };
      if (nowMs() < next) return;
      try {
        await writeLast();
      } catch {
        next = nowMs() + apartMs; // a file that is being read, a disk full for a moment: the final writing says what lasts
      }
    },
    keepLast: writeLast,
  };
}
