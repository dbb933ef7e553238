import type { Command } from 'commander';
import { path } from '../parsers.ts';
import { experimentCommand } from './reproduce-options.ts';

/** `reproduce prior-update`: BooVAE over kernels. */
export function addReproducePriorUpdate(parent: Command): void {
  experimentCommand(parent, {
    name: 'prior-update',
    description:
      'a prior learns the kernels of a second data set without those of the first: NLL on held-out nets of both',
    examples: ['fewscan reproduce prior-update --old sources --sources other-sources --out results'],
    methods: ['boo', 'fine-tuning', 'retraining'],
    own: ['old', 'sources'],
  })
    .option('--old <DIR>', 'snapshots of train-source on the first data set', path)
    .option('--sources <DIR>', 'snapshots on the second', path);
}
