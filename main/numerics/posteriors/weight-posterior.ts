import { scalar, type Tensor2D, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { ComponentChoice, MixtureComponentRecord, ModelRecord } from '../../../contract/model.ts';
import type { FeatureDensity } from '../inference/feature-density.ts';
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
import { derive, type RandomKey, uniforms } from '../tensors/random.ts';

/** What is known of a network's weights after one training. The 1^3 convolutions are point estimates in every kind. */
export type SinglePosterior =
  | { readonly kind: 'point'; readonly weights: UnetArrays }
  | { readonly kind: 'gaussian'; readonly mean: UnetArrays /** [27, slices] */; readonly logVariance: Float32Array }
  | { readonly kind: 'ensemble'; readonly members: readonly UnetArrays[] };

/** One site's posterior in a mixture. */
export interface PosteriorComponent {
  readonly posterior: SinglePosterior;
  /** Positive; those of a mixture sum to 1. */
  readonly weight: number;
  /** What its own training scans look like; undefined where that was not kept. */
  readonly gate: FeatureDensity | undefined;
}

/** sum of w_k q(w | site k): a MaxEntropy Pursuit mixture over whole networks (methods 3). */
export interface MixturePosterior {
  readonly kind: 'mixture';
  readonly components: readonly PosteriorComponent[];
  readonly choice: ComponentChoice;
}

export type WeightPosterior = SinglePosterior | MixturePosterior;

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
    case 'mixture': {
      const chosen = componentOf(posterior, uniforms(derive(key, 'component', sample), 1)[0]!);
      return drawWeights(net, posterior.components[chosen]!.posterior, sample, derive(key, 'of component', chosen));
    }
    default:
      throw posterior satisfies never;
  }
}

/** The component at share `u` of the running sum of weights. */
function componentOf({ components }: MixturePosterior, u: number): number {
  let left = u;
  for (const [n, { weight }] of components.entries()) {
    left -= weight;
    if (left < 0) return n;
  }
  return components.findLastIndex(({ weight }) => weight > 0); // rounding
}

const asTensors = ({ kernels, points }: UnetArrays, slices: number): UnetWeights => ({
  kernels: tensor2d(kernels, [kernelVoxels, slices]),
  points: tensor1d(points),
});

/** The stored form: filters by layer under `weights/`, or `mean/` and `log-variance/`, or `member-0/` and so on; each below `component-0/` and so on in a mixture. */
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
    case 'mixture':
      return Object.assign(
        {},
        ...posterior.components.map((component, n) =>
          under(`component-${n}/`, posteriorToNamed(net, component.posterior)),
        ),
      );
    default:
      throw posterior satisfies never;
  }
}

/** What a record says of the arrays beside it. */
export type PosteriorLayout = Pick<ModelRecord, 'weights' | 'mixture'>;

/** @throws RangeError naming the layer where the arrays are not those of this network */
export function posteriorFromNamed(
  net: UnetArchitecture,
  { weights: { kind, members }, mixture }: PosteriorLayout,
  named: NamedArrays,
): WeightPosterior {
  if (kind !== 'mixture') return singleFromNamed(net, { kind, members }, { named, prefix: '' });
  if (!mixture) throw new RangeError('a mixture without components');
  return {
    kind,
    choice: mixture.choice,
    components: mixture.components.map(({ weights, weight, gate }, n) => ({
      posterior: singleFromNamed(net, weights, { named, prefix: `component-${n}/` }),
      weight,
      gate: gate ?? undefined,
    })),
  };
}

function singleFromNamed(
  net: UnetArchitecture,
  { kind, members }: MixtureComponentRecord['weights'],
  { named, prefix }: { readonly named: NamedArrays; readonly prefix: string },
): SinglePosterior {
  const arrays = (part: string) => arraysOfNamed(net, named, `${prefix}${part}/`);
  switch (kind) {
    case 'point':
      return { kind, weights: arrays('weights') };
    case 'ensemble':
      return { kind, members: Array.from({ length: members }, (_, n) => arrays(`member-${n}`)) };
    case 'gaussian': {
      const logVariance = arraysOfLayers(net, ({ name, kernelSize, inChannels, outChannels }) =>
        kernelSize === 1 ? new Float32Array(inChannels * outChannels) : arrayOf(named, `${prefix}log-variance/${name}`),
      ).kernels;
      return { kind, mean: arrays('mean'), logVariance };
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
