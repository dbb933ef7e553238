import type { Command } from 'commander';
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
