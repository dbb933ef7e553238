import type { Options } from './commands/command.ts';
import { runCommand } from './run-command.ts';
import { summaries } from './summaries.ts';

/** Runs the job, or with `--forecast` only says what it would take. */
export function runOrForecast(
  forecast: unknown,
  kind: 'segment' | 'adapt',
  settings: Readonly<Record<string, unknown>>,
  output: Options,
): Promise<void> {
  if (forecast) return runCommand('forecast', { of: { kind, ...settings } }, { output, print: summaries.forecast });
  return kind === 'segment'
    ? runCommand('segment', settings, { output, print: summaries.segment })
    : runCommand('adapt', settings, { output, print: summaries.adapt });
}
