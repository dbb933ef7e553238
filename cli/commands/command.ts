import { type Command, Option } from 'commander';
import { wholeNumber } from '../parsers.ts';
import type { Output } from '../run-command.ts';

/** Commander's options: each is checked by its parser, and all by the job's schema. */
export type Options = Output & Readonly<Record<string, unknown>>;

/** A command with the options that all have, and examples under its help. */
export function command(program: Command, name: string, description: string, examples: readonly string[]): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'print the result as one JSON document on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}

/** The option `--seed`. */
export const seed = () => new Option('--seed <N>', 'seed of every random draw').argParser(wholeNumber).default(0);

/** Options that are the job's own, under the job's names. */
export function jobOptions({ json: _json, quiet: _quiet, set, ...options }: Options): Record<string, unknown> {
  return { ...options, ...(set === undefined ? {} : { settings: set }) };
}

/** An nnU-Net raw data set holds its labels. */
export const withLabels = (options: Record<string, unknown>): Record<string, unknown> => ({
  labels: options['images'],
  ...options,
});
