import { scalar, type Tensor2D, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { NamedArrays } from '../models/named-arrays.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import {
  arraysOfLayers,
  arraysOfNamed,
  countWeights,
  kernelVoxels,
  layersOfArrays,
  type UnetArrays,
  type UnetWeights,
} from '../models/unet-weights.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';

/** What is known of a network's weights after training. The 1^3 convolutions are point estimates in every kind. */
export type WeightPosterior =
  | { readonly kind: 'point'; readonly weights: UnetArrays }
  | { readonly kind: 'gaussian'; readonly mean: UnetArrays /** [27, slices] */; readonly logVariance: Float32Array }
  | { readonly kind: 'ensemble'; readonly members: readonly UnetArrays[] };

/**
 * The weight set of posterior sample number `sample`; the caller disposes it.
 * Depends on (posterior, key, sample) alone, so a volume done in parts sees the same network in each.
 */
export function drawWeights(
  net: UnetArchitecture,
  posterior: WeightPosterior,
  sample: number,
  key: RandomKey,
): UnetWeights {
  const { slices } = countWeights(net);
  switch (posterior.kind) {
    case 'point':
      return asTensors(posterior.weights, slices);
    case 'ensemble':
      return asTensors(posterior.members[sample % posterior.members.length]!, slices);
    case 'gaussian': {
      const mean = asTensors(posterior.mean, slices);
      const kernels = tidy((): Tensor2D => {
        const deviation = tensor2d(posterior.logVariance, [kernelVoxels, slices]).mul(scalar(0.5)).exp();
        const noise = fused().gaussianNoise(derive(key, 'sample', sample), [kernelVoxels, slices]);
        return mean.kernels.add(deviation.mul(noise));
      });
      mean.kernels.dispose();
      return { kernels, points: mean.points };
    }
    default:
      throw posterior satisfies never;
  }
}

const asTensors = ({ kernels, points }: UnetArrays, slices: number): UnetWeights => ({
  kernels: tensor2d(kernels, [kernelVoxels, slices]),
  points: tensor1d(points),
});

/** The stored form: filters by layer under `weights/`, or `mean/` and `log-variance/`, or `member-0/` and so on. */
export function posteriorToNamed(net: UnetArchitecture, posterior: WeightPosterior): NamedArrays {
  switch (posterior.kind) {
    case 'point':
      return under('weights/', layersOfArrays(net, posterior.weights));
    case 'ensemble':
      return Object.assign(
        {},
        ...posterior.members.map((member, n) => under(`member-${n}/`, layersOfArrays(net, member))),
      );
    case 'gaussian': {
      const { points } = countWeights(net);
      const logVariance = layersOfArrays(net, { kernels: posterior.logVariance, points: new Float32Array(points) });
      const bayesian = Object.fromEntries(Object.entries(logVariance).filter(([, { shape }]) => shape[0] === 3));
      return { ...under('mean/', layersOfArrays(net, posterior.mean)), ...under('log-variance/', bayesian) };
    }
    default:
      throw posterior satisfies never;
  }
}

/** @throws RangeError naming the layer where the arrays are not those of this network */
export function posteriorFromNamed(
  net: UnetArchitecture,
  kind: WeightPosterior['kind'],
  members: number,
  named: NamedArrays,
): WeightPosterior {
  switch (kind) {
    case 'point':
      return { kind, weights: arraysOfNamed(net, named, 'weights/') };
    case 'ensemble':
      return { kind, members: Array.from({ length: members }, (_, n) => arraysOfNamed(net, named, `member-${n}/`)) };
    case 'gaussian': {
      const logVariance = arraysOfLayers(net, ({ name, kernelSize, inChannels, outChannels }) =>
        kernelSize === 1 ? new Float32Array(inChannels * outChannels) : arrayOf(named, `log-variance/${name}`),
      ).kernels;
      return { kind, mean: arraysOfNamed(net, named, 'mean/'), logVariance };
    }
    default:
      throw kind satisfies never;
  }
}

function arrayOf(named: NamedArrays, name: string): Float32Array {
  const array = named[name];
  if (!array) throw new RangeError(`${name} is absent`);
  return array.data;
}

const under = (prefix: string, arrays: NamedArrays): NamedArrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [prefix + name, array]));
