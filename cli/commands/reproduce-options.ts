import type { Command } from 'commander';
import { path, setting, wholeNumbers, words } from '../parsers.ts';
import { runCommand } from '../run-command.ts';
import { summaries } from '../summaries.ts';
import { command, jobOptions, type Options } from './command.ts';

/** What an experiment's sub-command says of itself. */
export interface ExperimentCommand {
  readonly name: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly methods: readonly string[];
  /** Options of its own, by their names in the job. */
  readonly own: readonly string[];
}

/** A sub-command of `reproduce` with the options that all experiments have; its own options are added by the caller. */
export function experimentCommand(parent: Command, experiment: ExperimentCommand): Command {
  return command(parent, experiment.name, experiment.description, experiment.examples)
    .requiredOption('--out <DIR>', 'folder for JSON, table, plot and pictures', path)
    .option('--methods <LIST>', `of ${experiment.methods.join(', ')}`, words)
    .option('--seeds <LIST>', 'seeds', wholeNumbers)
    .option('--quick', 'a small form that ends within a minute; its figures say nothing')
    .option('--draw', 'only draw table and plot anew from the JSON')
    .option('--set <KEY=VALUE>', 'a setting of the experiment; may be repeated', setting)
    .action((options: Options) => {
      const all = Object.entries(jobOptions(options));
      const isOwn = ([name]: readonly [string, unknown]) => experiment.own.includes(name);
      return runCommand(
        'reproduce',
        {
          experiment: experiment.name,
          options: Object.fromEntries(all.filter(isOwn)),
          ...Object.fromEntries(all.filter((entry) => !isOwn(entry))),
        },
        { output: options, print: summaries.reproduce },
      );
    });
}
