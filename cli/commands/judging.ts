import type { Command } from 'commander';
import { armSchema } from '../../contract/model.ts';
import { number, path, setting, shard, wholeNumber, wholeNumbers, words } from '../parsers.ts';
import { runCommand } from '../run-command.ts';
import { summaries } from '../summaries.ts';
import { command, jobOptions, type Options, withLabels } from './command.ts';

/** What judges predictions and methods: `evaluate`, `compare`. */
export function addJudgingCommands(program: Command): void {
  addEvaluate(program);
  addCompare(program);
}

function addEvaluate(program: Command): void {
  command(program, 'evaluate', 'judge predictions against labels: overlap, surface distances, calibration, intervals', [
    'fewscan evaluate --predictions results --labels labels --out evaluation.json',
  ])
    .requiredOption('--predictions <DIR>', 'results of segment, or label images', path)
    .requiredOption('--labels <DIR>', 'true label images of the same names', path)
    .option('--out <FILE>', 'write the evaluation as JSON', path)
    .action((options: Options) =>
      runCommand('evaluate', jobOptions(options), { output: options, print: summaries.evaluate }),
    );
}

function addCompare(program: Command): void {
  command(program, 'compare', 'the methods on the same scans, seeds and budget; resumable', [
    'fewscan compare --images scans --labels labels --prior hippocampus-synthetic --methods dwp,ri,pr --scans 10 --seeds 0,1,2 --steps 1000 --train-from 41-140 --test-on 141-200 --out comparison',
    'fewscan compare --out comparison --draw',
  ])
    .option('--images <DIR>', 'scans, or an nnU-Net raw data set', path)
    .option('--labels <DIR>', 'label images of the same names', path)
    .option('--prior <NAME>', 'prior')
    .requiredOption('--out <DIR>', 'folder for cells, table and plot', path)
    .option('--methods <LIST>', `of ${armSchema.options.join(', ')}`, words, [
      ...['dwp', 'ri', 'pr', 'prf', 'l2sp', 'ensemble'],
    ])
    .option('--scans <LIST>', 'numbers of training scans (10)', wholeNumbers)
    .option('--seeds <LIST>', 'seeds of the draws (0,1,2)', wholeNumbers)
    .option('--steps <N>', 'budget in steps', wholeNumber)
    .option('--minutes <M>', 'budget in minutes', number)
    .option('--train-from <SELECTION>', 'names, or positions in name order such as 41-140')
    .option('--test-on <SELECTION>', 'names, or positions in name order such as 141-200')
    .option('--samples <N>', 'posterior samples (19)', wholeNumber)
    .option('--calibrate', 'also judge intervals calibrated on the training scans')
    .option('--shard <PART/PARTS>', 'only a part of the work', shard)
    .option('--draw', 'only draw table and plot from the cells that are there')
    .option('--set <KEY=VALUE>', 'a setting of the training recipe; may be repeated', setting)
    .action((options: Options) => {
      const filled = options['draw']
        ? { images: '', prior: '', trainFrom: '', testOn: '', ...jobOptions(options) }
        : jobOptions(options);
      return runCommand('compare', withLabels(filled), { output: options, print: summaries.compare });
    });
}
