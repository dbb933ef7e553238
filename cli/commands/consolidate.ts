import type { Command } from 'commander';
import { modelReference, number, path, setting, wholeNumber } from '../parsers.ts';
import { runCommand } from '../run-command.ts';
import { summaries } from '../summaries.ts';
import { command, jobOptions, type Options, seed } from './command.ts';

/** `consolidate`: a mixture in one posterior. */
export function addConsolidate(program: Command): void {
  command(
    program,
    'consolidate',
    'distils the sites of a mixture into one posterior, on scans at hand without labels',
    ['fewscan consolidate --model our-hippocampus --images scans --name our-hippocampus-small --steps 500'],
  )
    .requiredOption('--model <NAME>', 'model, or NAME@VERSION')
    .requiredOption('--images <DIR>', 'scans, of any of the sites', path)
    .option('--name <NAME>', 'name of the model that is made (the old name when absent: its next version)')
    .option('--prior <NAME>', "prior of the posterior (the model's own when absent)")
    .option('--minutes <M>', 'time budget', number)
    .option('--epochs <E>', 'budget in passes through the scans and their styles', wholeNumber)
    .option('--steps <N>', 'budget in steps; the result is then the same bytes each time', wholeNumber)
    .option('--set <KEY=VALUE>', 'a setting of the training recipe; may be repeated', setting)
    .addOption(seed())
    .action(({ model, ...options }: Options) =>
      runCommand(
        'consolidate',
        { ...jobOptions(options), ...modelReference(String(model)) },
        { output: options, print: summaries.consolidate },
      ),
    );
}
