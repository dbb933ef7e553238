import type { Command } from 'commander';
import { addReproduceBoovae } from './reproduce-boovae.ts';
import { addReproduceBoovaeOffline } from './reproduce-boovae-offline.ts';
import { addReproduceDwpPlane } from './reproduce-dwp-2d.ts';
import { addReproduceMpviToy, addReproduceSplitMnist } from './reproduce-mpvi.ts';
import { addReproducePriorUpdate } from './reproduce-prior-update.ts';
import { addReproduceSiteUpdate } from './reproduce-site-update.ts';

/** `reproduce`: the experiments of the methods' authors, a sub-command each. */
export function addReproduce(program: Command): void {
  const parent = program
    .command('reproduce')
    .description('experiments of the methods’ authors, made again: JSON, table and plot; resumable');
  addReproduceMpviToy(parent);
  addReproduceSplitMnist(parent);
  addReproduceBoovae(parent);
  addReproduceBoovaeOffline(parent);
  addReproduceSiteUpdate(parent);
  addReproducePriorUpdate(parent);
  addReproduceDwpPlane(parent);
}
