import type { Command } from 'commander';
import { path } from '../parsers.ts';
import { experimentCommand } from './reproduce-options.ts';

/** `reproduce dwp-2d`: the Deep Weight Prior in the plane. */
export function addReproduceDwpPlane(parent: Command): void {
  experimentCommand(parent, {
    name: 'dwp-2d',
    description: 'kernels of nets for clothes as prior of nets for digits: accuracy by number of training images',
    examples: [
      'fewscan reproduce dwp-2d --images mnist --fashion fashion --out results',
      'fewscan reproduce dwp-2d --images mnist --fashion fashion --methods dwp,normal --seeds 0 --out results',
    ],
    methods: ['dwp', 'log-uniform', 'normal', 'deterministic', 'frozen'],
    own: ['images', 'fashion'],
  })
    .option('--images <DIR>', 'folder of the four idx files of MNIST, gzip or not', path)
    .option('--fashion <DIR>', 'folder of the four idx files of Fashion-MNIST', path);
}
