import type { Command } from 'commander';
import { path } from '../parsers.ts';
import { experimentCommand } from './reproduce-options.ts';

/** `reproduce mpvi-toy`: MaxEntropy Pursuit in the plane. */
export function addReproduceMpviToy(parent: Command): void {
  experimentCommand(parent, {
    name: 'mpvi-toy',
    description: 'MaxEntropy Pursuit on two groups of blobs in the plane: KL after each component, and a picture',
    examples: ['fewscan reproduce mpvi-toy --out results', 'fewscan reproduce mpvi-toy --out results --draw'],
    methods: ['lambda', 'fixed-weight'],
    own: [],
  });
}

/** `reproduce split-mnist`: digits learned pair after pair. */
export function addReproduceSplitMnist(parent: Command): void {
  experimentCommand(parent, {
    name: 'split-mnist',
    description: 'digits learned pair after pair, ten outputs, no task named, no image kept: accuracy after each pair',
    examples: [
      'fewscan reproduce split-mnist --data mnist --out results',
      'fewscan reproduce split-mnist --data mnist --methods mpvi --seeds 0 --quick --out results',
      'fewscan reproduce split-mnist --out results --draw',
    ],
    methods: ['naive', 'ewc', 'mpvi', 'replay'],
    own: ['data', 'images'],
  })
    .option('--data <DIR>', 'folder of the four idx files of MNIST, gzip or not', path)
    .option('--images <DIR>', 'the same, under its name in other experiments', path);
}
