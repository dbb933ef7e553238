import { join } from 'node:path';
import { Command, Option } from 'commander';
import { methodSchema } from '../contract/model.ts';
import { resourcesFolder } from '../main/storage/folders.ts';
import { ownPackage } from '../main/storage/package-folder.ts';
import { addModelsCommand } from './models-command.ts';
import {
  box,
  type ModelChoice,
  modelReference,
  number,
  path,
  setting,
  shard,
  sides,
  wholeNumber,
  wholeNumbers,
  words,
} from './parsers.ts';
import { type Output, runCommand } from './run-command.ts';
import { summaries } from './summaries.ts';

/** Commander's options: each is checked by its parser, and all by the job's schema. */
type Options = Output & Readonly<Record<string, unknown>>;

/** The command line: words in, one job in the computing child, exit code out. */
export function makeProgram(): Command {
  const program = new Command('fewscan')
    .description(
      'Segments medical scans with a Bayesian network that adapts to your scanner from a few labelled scans. Offline. For research, not a medical device.',
    )
    .version(ownPackage().version)
    .showHelpAfterError('(add --help for the options and examples)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  addDoctor(program);
  addLearning(program);
  addAdapt(program);
  addSegment(program);
  addJudging(program);
  addModelsCommand(program);
  addDemo(program);
  return program;
}

/** A command with the options that all have, and examples under its help. */
function command(program: Command, name: string, description: string, examples: readonly string[]): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'print the result as one JSON document on stdout')
    .option('--quiet', 'no progress')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}

const seed = () => new Option('--seed <N>', 'seed of every random draw').argParser(wholeNumber).default(0);

function addDoctor(program: Command): void {
  command(program, 'doctor', 'what this machine and installation can do: back ends, self-test, memory, models', [
    'fewscan doctor',
    'fewscan doctor --json',
  ]).action((options: Options) => runCommand('doctor', {}, { output: options, print: summaries.doctor }));
}

function addLearning(program: Command): void {
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
    .option('--steps-per-cycle <N>', 'steps of a cycle', wholeNumber)
    .option('--merge-labels <LIST>', 'label values that become one class (all when absent)', wholeNumbers)
    .addOption(new Option('--size <SIZE>', 'network size').choices(['short', 'full']))
    .option('--set <KEY=VALUE>', 'a setting of the training recipe; may be repeated', setting)
    .addOption(seed())
    .action((options: Options) =>
      runCommand('train-source', jobOptions(options), { output: options, print: summaries['train-source'] }),
    );
  command(program, 'learn-prior', 'a Deep Weight Prior from the kernels of source nets', [
    'fewscan learn-prior --sources sources --out hippocampus-prior',
  ])
    .requiredOption('--sources <DIR>', 'snapshots of train-source', path)
    .requiredOption('--out <NAME>', 'name of the prior')
    .option('--steps <N>', 'training steps of each VAE', wholeNumber)
    .addOption(seed())
    .action(({ out, ...options }: Options) =>
      runCommand(
        'learn-prior',
        { name: out, ...jobOptions(options) },
        { output: options, print: summaries['learn-prior'] },
      ),
    );
}

function addAdapt(program: Command): void {
  command(program, 'adapt', 'a model version from a few labelled scans (5 to 20 are advised)', [
    'fewscan adapt --images scans --labels labels --prior hippocampus-synthetic --name our-hippocampus --minutes 5',
    'fewscan adapt --images nnunet/Dataset004 --prior hippocampus-synthetic --name our-hippocampus --steps 1000 --hold-out 0 --set beta=0.01',
  ])
    .requiredOption('--images <DIR>', 'scans, or an nnU-Net raw data set (imagesTr, labelsTr, dataset.json)', path)
    .option('--labels <DIR>', 'label images of the same names', path)
    .requiredOption('--name <NAME>', 'name of the model')
    .option('--prior <NAME>', 'prior to adapt (all methods but ri and ensemble need one)')
    .addOption(new Option('--method <METHOD>', 'how to adapt').choices(methodSchema.options).default('dwp'))
    .option('--minutes <M>', 'time budget', number)
    .option('--epochs <E>', 'budget in passes through the scans', wholeNumber)
    .option('--steps <N>', 'budget in steps; the result is then the same bytes each time', wholeNumber)
    .option('--hold-out <SHARE>', 'share of the scans that is kept to check on; 0 trains on all', number)
    .option('--cases <LIST>', 'names of the scans to use (all when absent)', words)
    .option('--set <KEY=VALUE>', 'a setting of the training recipe; may be repeated', setting)
    .addOption(seed())
    .action((options: Options) =>
      runCommand('adapt', withLabels(jobOptions(options)), { output: options, print: summaries.adapt }),
    );
}

function addSegment(program: Command): void {
  command(program, 'segment', 'segment scans; maps and a report for each go to DIR/NAME', [
    'fewscan segment scan.nii.gz --model hippocampus-demo --out results',
    'fewscan segment scans/ --model our-hippocampus@2 --out results --samples 19 --json',
    'fewscan segment head.nii.gz --model hippocampus-demo --box 10,-45,-40,45,10,10 --out results',
  ])
    .argument('<inputs...>', 'scans or folders of scans')
    .requiredOption('--model <NAME>', 'model, NAME or NAME@VERSION', modelReference)
    .requiredOption('--out <DIR>', 'folder for the results', path)
    .option('--samples <N>', 'posterior samples', wholeNumber)
    .option('--box <BOX>', 'where to look, RAS+ mm: x0,y0,z0,x1,y1,z1', box)
    .option('--memory-limit <GIB>', 'refuse what would need more', number)
    .addOption(seed())
    .action((inputs: readonly string[], { model, box: boxRasMm, memoryLimit, ...options }: Options) => {
      const settings = {
        inputs: inputs.map(path),
        ...(model as ModelChoice), // as its parser made it
        ...(boxRasMm === undefined ? {} : { boxRasMm }),
        ...(typeof memoryLimit === 'number' ? { memoryLimitBytes: Math.round(memoryLimit * 2 ** 30) } : {}),
        ...jobOptions(options),
      };
      return runCommand('segment', settings, { output: options, print: summaries.segment });
    });
}

function addJudging(program: Command): void {
  command(program, 'evaluate', 'judge predictions against labels: overlap, surface distances, calibration, intervals', [
    'fewscan evaluate --predictions results --labels labels --out evaluation.json',
  ])
    .requiredOption('--predictions <DIR>', 'results of segment, or label images', path)
    .requiredOption('--labels <DIR>', 'true label images of the same names', path)
    .option('--out <FILE>', 'write the evaluation as JSON', path)
    .action((options: Options) =>
      runCommand('evaluate', jobOptions(options), { output: options, print: summaries.evaluate }),
    );
  command(program, 'compare', 'the methods on the same scans, seeds and budget; resumable', [
    'fewscan compare --images scans --labels labels --prior hippocampus-synthetic --methods dwp,ri,pr --scans 10 --seeds 0,1,2 --steps 1000 --train-from 41-140 --test-on 141-200 --out comparison',
    'fewscan compare --out comparison --draw',
  ])
    .option('--images <DIR>', 'scans, or an nnU-Net raw data set', path)
    .option('--labels <DIR>', 'label images of the same names', path)
    .option('--prior <NAME>', 'prior')
    .requiredOption('--out <DIR>', 'folder for cells, table and plot', path)
    .option('--methods <LIST>', `of ${methodSchema.options.join(', ')}`, words, [...methodSchema.options])
    .option('--scans <LIST>', 'numbers of training scans', wholeNumbers)
    .option('--seeds <LIST>', 'seeds of the draws', wholeNumbers)
    .option('--steps <N>', 'budget in steps', wholeNumber)
    .option('--minutes <M>', 'budget in minutes', number)
    .option('--train-from <SELECTION>', 'names, or positions in name order such as 41-140')
    .option('--test-on <SELECTION>', 'names, or positions in name order such as 141-200')
    .option('--samples <N>', 'posterior samples', wholeNumber)
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

function addDemo(program: Command): void {
  command(program, 'demo', 'the whole job on shipped scans: adapt, segment, judge, and a page to look at', [
    'fewscan demo --out demo-results',
  ])
    .option('--out <DIR>', 'folder for the results', path, path('demo-results'))
    .option('--steps <N>', 'training steps', wholeNumber)
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

/** Options that are the job's own, under the job's names. */
function jobOptions({ json: _json, quiet: _quiet, set, ...options }: Options): Record<string, unknown> {
  return { ...options, ...(set === undefined ? {} : { settings: set }) };
}

/** An nnU-Net raw data set holds its labels. */
const withLabels = (options: Record<string, unknown>): Record<string, unknown> => ({
  labels: options['images'],
  ...options,
});
