import type { Command } from 'commander';
import { runCommand } from '../run-command.ts';
import { summaries } from '../summaries.ts';
import { command, type Options } from './command.ts';

/** `doctor`: what this machine and installation can do. */
export function addDoctor(program: Command): void {
  command(program, 'doctor', 'what this machine and installation can do: back ends, self-test, memory, models', [
    'fewscan doctor',
    'fewscan doctor --json',
  ]).action((options: Options) => runCommand('doctor', {}, { output: options, print: summaries.doctor }));
}
