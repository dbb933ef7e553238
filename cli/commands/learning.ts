import { type Command, Option } from 'commander';
import { path, setting, sides, wholeNumber, wholeNumbers } from '../parsers.ts';
import { runCommand } from '../run-command.ts';
import { summaries } from '../summaries.ts';
import { command, jobOptions, type Options, seed } from './command.ts';

/** What makes a prior: `synthesize`, `train-source`, `learn-prior`. */
export function addLearningCommands(program: Command): void {
  addSynthesize(program);
  addTrainSource(program);
  addLearnPrior(program);
}

function addSynthesize(program: Command): void {
  command(program, 'synthesize', 'training images of random contrast from label maps', [
    'fewscan synthesize --labels maps --out synthetic --count 600 --target 17,53 --crop 40x56x40 --seed 0',
  ])
    .requiredOption('--labels <DIR>', 'label maps (NIfTI or NRRD)', path)
    .requiredOption('--out <DIR>', 'where images/ and labels/ are written', path)
    .requiredOption('--count <N>', 'how many images', wholeNumber)
    .requiredOption('--target <LIST>', 'label values to crop around and keep, such as 17,53', wholeNumbers)
    .option('--crop <SIDES>', 'voxels along x, y, z, multiples of 8', sides)
    .option('--priors <DIR>', 'intensity statistics, where they do not lie beside the maps', path)
    .addOption(
      new Option('--intensities <KIND>', 'random contrasts, measured T1 intensities, or half of each').choices([
        'random',
        't1',
        'mixed',
      ]),
    )
    .addOption(
      new Option('--sides <KIND>', 'mirror at random, or so that structures lie on one side').choices([
        'both',
        'left',
        'right',
      ]),
    )
    .addOption(seed())
    .action((options: Options) =>
      runCommand('synthesize', jobOptions(options), { output: options, print: summaries.synthesize }),
    );
}

function addTrainSource(program: Command): void {
  command(
    program,
    'train-source',
    'bootstrap source nets with a cyclical learning rate; a kernel snapshot after every cycle',
    [
      'fewscan train-source --images synthetic/images --labels synthetic/labels --merge-labels 17,53 --members 8 --cycles 5 --out sources',
      'fewscan train-source --images synthetic/images --labels synthetic/labels --members 8 --cycles 5 --out sources --member 3',
    ],
  )
    .requiredOption('--images <DIR>', 'images', path)
    .requiredOption('--labels <DIR>', 'label images of the same names', path)
    .requiredOption('--out <DIR>', 'folder of snapshots; several machines may share it', path)
    .requiredOption('--members <M>', 'number of source nets', wholeNumber)
    .requiredOption('--cycles <C>', 'cycles of the learning rate, a snapshot each', wholeNumber)
    .option('--member <I>', 'train this net alone, 0 to M - 1', wholeNumber)
    .option('--steps-per-cycle <N>', 'steps of a cycle (150)', wholeNumber)
    .option('--merge-labels <LIST>', 'label values that become one class (all when absent)', wholeNumbers)
    .addOption(new Option('--size <SIZE>', 'network size').choices(['short', 'full']))
    .option('--set <KEY=VALUE>', 'a setting of the training recipe; may be repeated', setting)
    .addOption(seed())
    .action((options: Options) =>
      runCommand('train-source', jobOptions(options), { output: options, print: summaries['train-source'] }),
    );
}

function addLearnPrior(program: Command): void {
  command(program, 'learn-prior', 'a Deep Weight Prior from the kernels of source nets', [
    'fewscan learn-prior --sources sources --out hippocampus-prior',
    'fewscan learn-prior --update hippocampus-prior --sources other-sources --out wider-prior',
  ])
    .requiredOption('--sources <DIR>', 'snapshots of train-source', path)
    .requiredOption('--out <NAME>', 'name of the prior')
    .option(
      '--start <DIR>',
      'snapshots of nets that were trained for longer: the best is what methods start from (one of --sources when absent)',
      path,
    )
    .option(
      '--update <PRIOR>',
      'a prior that learns these kernels too and keeps what it knows; its own sources are not needed',
    )
    .option('--steps <N>', 'training steps of each VAE (3000)', wholeNumber)
    .option('--judged <N>', 'held-out kernels of each group that the prior is judged by', wholeNumber)
    .addOption(seed())
    .action(({ out, ...options }: Options) =>
      runCommand(
        'learn-prior',
        { name: out, ...jobOptions(options) },
        { output: options, print: summaries['learn-prior'] },
      ),
    );
}
