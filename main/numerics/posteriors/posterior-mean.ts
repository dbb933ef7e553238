import { tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, kernelVoxels, type UnetArrays, type UnetWeights } from '../models/unet-weights.ts';
import type { MixturePosterior, PosteriorComponent, WeightPosterior } from './weight-posterior.ts';

/** The weights at the posterior's centre (of an ensemble: its first member; of a mixture: its heaviest component); the caller disposes them. */
export function posteriorMean(net: UnetArchitecture, posterior: WeightPosterior): UnetWeights {
  const { kernels, points } = centre(posterior);
  return { kernels: tensor2d(kernels, [kernelVoxels, countWeights(net).slices]), points: tensor1d(points) };
}

/** The same as plain arrays. */
export function centre(posterior: WeightPosterior): UnetArrays {
  switch (posterior.kind) {
    case 'point':
      return posterior.weights;
    case 'gaussian':
      return posterior.mean;
    case 'ensemble':
      return posterior.members[0]!;
    case 'mixture':
      return centre(heaviest(posterior).posterior);
    default:
      throw posterior satisfies never;
  }
}

export const heaviest = ({ components }: MixturePosterior): PosteriorComponent =>
  components.reduce((best, one) => (one.weight > best.weight ? one : best));
