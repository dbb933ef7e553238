import type { Options } from './commands/command.ts';
import { runCommand } from './run-command.ts';
import { summaries } from './summaries.ts';

/** Runs the job, or with `--forecast` only says what it would take. */
export function runOrForecast(
  forecast: unknown,
  kind: 'segment' | 'adapt' | 'update',
  settings: Readonly<Record<string, unknown>>,
  output: Options,
): Promise<void> {
  if (forecast) return runCommand('forecast', { of: { kind, ...settings } }, { output, print: summaries.forecast });
  switch (kind) {
    case 'segment':
      return runCommand('segment', settings, { output, print: summaries.segment });
    case 'adapt':
      return runCommand('adapt', settings, { output, print: summaries.adapt });
    case 'update':
      return runCommand('update', settings, { output, print: summaries.update });
    default:
      throw kind satisfies never;
  }
}
