import { type Command, Option } from 'commander';
import { componentChoiceSchema } from '../../contract/model.ts';
import { modelReference, number, path, setting, wholeNumber, words } from '../parsers.ts';
import { runOrForecast } from '../run-or-forecast.ts';
import { command, jobOptions, type Options, seed, withLabels } from './command.ts';

/** `update`: a new site joins a model, without the scans of the old ones. */
export function addUpdate(program: Command): void {
  command(
    program,
    'update',
    'a new site joins a model as a component of a mixture; no old scan is needed, and what was learned stays as it is',
    [
      'fewscan update --model our-hippocampus --images new/scans --labels new/labels --site "scanner 2"',
      'fewscan update --model our-hippocampus@3 --images new/scans --labels new/labels --name both --steps 500 --hold-out 0',
    ],
  )
    .requiredOption('--model <NAME>', 'model, or NAME@VERSION')
    .requiredOption('--images <DIR>', 'scans of the new site, or an nnU-Net raw data set', path)
    .option('--labels <DIR>', 'label images of the same names', path)
    .option('--name <NAME>', 'name of the model that is made (the old name when absent: its next version)')
    .option('--site <TEXT>', 'what the site is called in the model card; no patient')
    .option('--prior <NAME>', "prior of the new component (the model's own when absent)")
    .addOption(
      new Option('--method <METHOD>', 'how the component is fitted: a posterior, or a point').choices(['dwp', 'pr']),
    )
    .addOption(
      new Option('--choice <HOW>', 'how samples choose their site on a scan').choices(componentChoiceSchema.options),
    )
    .option('--minutes <M>', 'time budget', number)
    .option('--epochs <E>', 'budget in passes through the scans', wholeNumber)
    .option('--steps <N>', 'budget in steps; the result is then the same bytes each time', wholeNumber)
    .option('--hold-out <SHARE>', 'share of the scans that is kept to check on (0.2); 0 trains on all', number)
    .option('--cases <LIST>', 'names of the scans to use (all when absent)', words)
    .option('--set <KEY=VALUE>', 'a setting of the training recipe; may be repeated', setting)
    .option('--forecast', 'only say what memory and time it would take')
    .addOption(seed())
    .action(({ model, forecast, ...options }: Options) =>
      runOrForecast(
        forecast,
        'update',
        { ...withLabels(jobOptions(options)), ...modelReference(String(model)) },
        options,
      ),
    );
}
