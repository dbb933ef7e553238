import { join } from 'node:path';
import type { Command } from 'commander';
import { resourcesFolder } from '../../main/storage/folders.ts';
import { number, path, wholeNumber } from '../parsers.ts';
import { runCommand } from '../run-command.ts';
import { summaries } from '../summaries.ts';
import { command, jobOptions, type Options, seed } from './command.ts';

/** `demo`: the whole job on shipped scans. */
export function addDemo(program: Command): void {
  command(program, 'demo', 'the whole job on shipped scans: adapt, segment, judge, and a page to look at', [
    'fewscan demo --out demo-results',
  ])
    .option('--out <DIR>', 'folder for the results', path, path('demo-results'))
    .option('--minutes <M>', 'time to train (default: 3.5)', number)
    .option('--steps <N>', 'training steps instead of a time', wholeNumber)
    .option('--samples <N>', 'posterior samples', wholeNumber)
    .addOption(seed())
    .action((options: Options) => {
      const scans = join(resourcesFolder(), 'demo');
      const folders = {
        images: scans,
        labels: scans,
        unseenImages: join(scans, 'imagesTs'),
        unseenLabels: join(scans, 'labelsTs'),
      };
      return runCommand(
        'demo',
        { prior: 'hippocampus-synthetic', ...folders, ...jobOptions(options) },
        {
          output: options,
          print: summaries.demo,
          home: join(String(options['out']), 'home'), // the demo's model is no model of the user's
        },
      );
    });
}
