import { type Command, Option } from 'commander';
import { adaptMethodSchema } from '../../contract/model.ts';
import { number, path, setting, wholeNumber, words } from '../parsers.ts';
import { runOrForecast } from '../run-or-forecast.ts';
import { command, jobOptions, type Options, seed, withLabels } from './command.ts';

/** `adapt`: a model version from a few labelled scans. */
export function addAdapt(program: Command): void {
  command(program, 'adapt', 'a model version from a few labelled scans (5 to 20 are advised)', [
    'fewscan adapt --images scans --labels labels --prior hippocampus-synthetic --name our-hippocampus --minutes 5',
    'fewscan adapt --images nnunet/Dataset004 --prior hippocampus-synthetic --name our-hippocampus --steps 1000 --hold-out 0 --set beta=0.01',
  ])
    .requiredOption('--images <DIR>', 'scans, or an nnU-Net raw data set (imagesTr, labelsTr, dataset.json)', path)
    .option('--labels <DIR>', 'label images of the same names', path)
    .requiredOption('--name <NAME>', 'name of the model')
    .option('--prior <NAME>', 'prior to adapt (all methods but ri and ensemble need one)')
    .addOption(
      new Option(
        '--method <METHOD>',
        'how to adapt; auto chooses among dwp, pr and ri by cross-validation, within the same budget',
      )
        .choices(adaptMethodSchema.options)
        .default('dwp'),
    )
    .option('--minutes <M>', 'time budget', number)
    .option('--epochs <E>', 'budget in passes through the scans', wholeNumber)
    .option('--steps <N>', 'budget in steps (1000); the result is then the same bytes each time', wholeNumber)
    .option('--hold-out <SHARE>', 'share of the scans that is kept to check on (0.2); 0 trains on all', number)
    .option(
      '--calibrate',
      'stretch volume intervals to what two-fold cross-validation on the scans shows; takes as long again',
    )
    .option('--cases <LIST>', 'names of the scans to use (all when absent)', words)
    .option('--set <KEY=VALUE>', 'a setting of the training recipe; may be repeated', setting)
    .option('--forecast', 'only say what memory and time it would take')
    .addOption(seed())
    .action(({ forecast, ...options }: Options) =>
      runOrForecast(forecast, 'adapt', withLabels(jobOptions(options)), options),
    );
}
