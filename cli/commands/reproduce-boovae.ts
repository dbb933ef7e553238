import { type Command, Option } from 'commander';
import { path, wholeNumber } from '../parsers.ts';
import { experimentCommand } from './reproduce-options.ts';

/** `reproduce boovae`: generative models that learn task after task. */
export function addReproduceBoovae(parent: Command): void {
  experimentCommand(parent, {
    name: 'boovae',
    description: 'BooVAE and its rivals learn digits or clothes class after class: NLL and diversity after each task',
    examples: [
      'fewscan reproduce boovae --data mnist --tasks 10 --images mnist --out results',
      'fewscan reproduce boovae --data fashion --methods boo,boo+ewc --seeds 0 --out results',
      'fewscan reproduce boovae --data mnist --out results --draw',
    ],
    methods: ['standard', 'ewc', 'mog', 'vamp', 'boo', 'boo+ewc'],
    own: ['data', 'tasks', 'images'],
  })
    .addOption(dataOption())
    .option('--tasks <N>', 'the ten classes come in so many tasks', wholeNumber)
    .addOption(imagesOption());
}

/** Which images an experiment of digits takes. */
export const dataOption = () => new Option('--data <SET>', 'images').choices(['mnist', 'fashion']).default('mnist');

export const imagesOption = () =>
  new Option('--images <DIR>', 'folder of the four idx files, gzip or not').argParser(path);
