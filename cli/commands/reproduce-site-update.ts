import type { Command } from 'commander';
import { path } from '../parsers.ts';
import { experimentCommand } from './reproduce-options.ts';

/** `reproduce site-update`: a second scanner, without the first one's scans. */
export function addReproduceSiteUpdate(parent: Command): void {
  experimentCommand(parent, {
    name: 'site-update',
    description:
      'a model meets a second scanner without the first one’s scans: Dice and calibration at both, storage and time',
    examples: [
      'fewscan reproduce site-update --images scans --labels labels --out results',
      'fewscan reproduce site-update --images scans --labels labels --methods mpvi,replay --seeds 0 --out results',
      'fewscan reproduce site-update --out results --draw',
    ],
    methods: ['naive', 'ewc', 'mpvi', 'mpvi by weights', 'mpvi by entropy', 'consolidated', 'replay', 'ensemble'],
    own: ['images', 'labels', 'prior'],
  })
    .option('--images <DIR>', 'scans', path)
    .option('--labels <DIR>', 'label images of the same names', path)
    .option('--prior <NAME>', 'prior to adapt');
}
