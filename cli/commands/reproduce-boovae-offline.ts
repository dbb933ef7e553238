import type { Command } from 'commander';
import { wholeNumbers } from '../parsers.ts';
import { dataOption, imagesOption } from './reproduce-boovae.ts';
import { experimentCommand } from './reproduce-options.ts';

/** `reproduce boovae-offline`: boosting beside the VampPrior where all classes are learned at once. */
export function addReproduceBoovaeOffline(parent: Command): void {
  experimentCommand(parent, {
    name: 'boovae-offline',
    description: 'boosting beside the VampPrior on all classes at once: NLL by number of components',
    examples: [
      'fewscan reproduce boovae-offline --data mnist --images mnist --out results',
      'fewscan reproduce boovae-offline --data fashion --components 10,20 --seeds 0 --out results',
    ],
    methods: ['vamp', 'boo'],
    own: ['data', 'components', 'images'],
  })
    .addOption(dataOption())
    .option('--components <LIST>', 'numbers of components', wholeNumbers)
    .addOption(imagesOption());
}
