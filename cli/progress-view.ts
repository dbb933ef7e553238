import { SingleBar } from 'cli-progress';
import type { Progress } from '../contract/progress.ts';

/** Shows a job's progress on stderr: a bar on a terminal, else a line every few seconds. */
export interface ProgressView {
  show(progress: Progress): void;
  close(): void;
}

const lineEveryMs = 5000;

export function openProgressView(stream: NodeJS.WriteStream, isQuiet = false): ProgressView {
  if (isQuiet) return { show: () => {}, close: () => {} };
  return stream.isTTY ? barView(stream) : lineView(stream);
}

function barView(stream: NodeJS.WriteStream): ProgressView {
  let bar: SingleBar | undefined;
  let meter = startMeter('');
  const close = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    show(progress) {
      if (meter.phase !== progress.phase) {
        close();
        meter = startMeter(progress.phase);
        bar = new SingleBar({
          stream,
          format: '{phase} [{bar}] {value}/{total} {unit}{speed} {note}',
          hideCursor: true,
          fps: 5,
          barsize: 24,
        });
        bar.start(progress.total, progress.done, fieldsOf(progress, meter));
      }
      bar?.update(progress.done, fieldsOf(progress, meter));
    },
    close,
  };
}

function lineView(stream: NodeJS.WriteStream): ProgressView {
  let meter = startMeter('');
  let saidMs = 0;
  return {
    show(progress) {
      const isNew = meter.phase !== progress.phase;
      if (isNew) meter = startMeter(progress.phase);
      if (!isNew && performance.now() - saidMs < lineEveryMs) return;
      saidMs = performance.now();
      const { speed, note } = fieldsOf(progress, meter);
      stream.write(
        `${progress.phase}: ${progress.done}/${progress.total} ${progress.unit}${speed}${note ? `, ${note}` : ''}\n`,
      );
    },
    close: () => {},
  };
}

/** When a phase was first heard of, and how far it was then: a resumed job does not start at 0. */
interface Meter {
  readonly phase: string;
  readonly startedMs: number;
  firstDone: number | undefined;
}

const startMeter = (phase: string): Meter => ({ phase, startedMs: performance.now(), firstDone: undefined });

function fieldsOf({ phase, done, total, unit, note = '' }: Progress, meter: Meter) {
  meter.firstDone ??= done;
  return {
    phase,
    unit,
    note,
    speed: speedOf(
      { done: done - meter.firstDone, left: total - done, unit },
      (performance.now() - meter.startedMs) / 1000,
    ),
  };
}

/** Speed and time left; nothing before there is something to go by. */
export function speedOf(
  { done, left, unit }: { readonly done: number; readonly left: number; readonly unit: string },
  seconds: number,
): string {
  if (done <= 0 || seconds < 1) return '';
  const rate = done / seconds;
  const remaining = unit === 'seconds' ? left : left / rate;
  const shown = rate >= 1 || unit === 'seconds' ? `${rate.toFixed(1)} ${unit}/s` : `${(1 / rate).toFixed(1)} s each`;
  return `, ${unit === 'seconds' ? '' : `${shown}, `}${duration(remaining)} left`;
}

export const duration = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
      ? `${Math.round(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
