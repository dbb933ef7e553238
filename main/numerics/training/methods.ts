import { tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import type { NamedArrays } from '../models/named-arrays.ts';
import type { UnetArchitecture, UnetLayer } from '../models/unet-layers.ts';
import {
  arraysOfLayers,
  countWeights,
  kernelVoxels,
  layersOfArrays,
  randomArrays,
  type UnetArrays,
  type UnetWeights,
} from '../models/unet-weights.ts';
import type { PosteriorComponent, SinglePosterior } from '../posteriors/weight-posterior.ts';
import { groupRanges } from '../priors/kernel-groups.ts';
import { priorGroups, sampleKernels } from '../priors/stored-prior.ts';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import { disposeRecord } from '../tensors/tensor-record.ts';
import { type ElasticAnchor, withElasticPull } from './elastic-pull.ts';
import type { Objective } from './objective.ts';
import { type PointSettings, pointObjective } from './point-objective.ts';
import { disposePursuit, openPursuit } from './pursuit-term.ts';
import { type NoiseForm, variationalObjective } from './variational-objective.ts';

export interface MethodSettings {
  /** Share of soft Dice in the loss; the rest is cross-entropy. */
  readonly diceWeight: number;
  /** beta of methods 1.3: weight of KL / (scans x voxels). */
  readonly beta: number;
  readonly noise: NoiseForm;
  readonly slicesPerStep: number;
  /** Where the means of q start: the prior's decoder, the source net, or N(0, 0.02^2). */
  readonly start: 'prior' | 'source' | 'normal';
  /** Deviation of q at the start as a share of the group's kernel spread. */
  readonly startDeviation: number;
  /**
   * Deviations of q are multiplied by this when training ends: a few hundred steps leave them near their start, narrower than
   * what the data would allow. Chosen on development scans (docs/science.md).
   */
  readonly posteriorScale: number;
  /** L2-SP's strength. */
  readonly pull: number;
  /** Of MaxEntropy Pursuit against the mixture that is there (methods 3); 0 fits a new component by itself. */
  readonly lambda: number;
  /** Share of a wide Gaussian that stands in for the mixture's light tails in the pursuit. */
  readonly defence: number;
  /** L2 on the 3^3 kernels of a random start; source nets are trained with it (methods 6). */
  readonly decay: number;
}

export interface MethodInput {
  readonly net: UnetArchitecture;
  /** Weights of `learn-prior`: VAEs under `group-1/` and so on, a source net under `start/`, kernel spreads under `spread`. */
  readonly prior: NamedArrays | undefined;
  readonly settings: MethodSettings;
  /** Scans times voxels of a patch: N V of methods 1.3. */
  readonly observedVoxels: number;
  readonly key: RandomKey;
  /** What is known already; absent where a model begins. */
  readonly from?: LearnedStart | undefined;
}

/** A training that goes on from a model. */
export interface LearnedStart {
  /** As at any start where absent. */
  readonly mean?: UnetArrays | undefined;
  /** [27, slices]; as at any start where absent. */
  readonly logVariance?: Float32Array | undefined;
  /** The mixture that a new component is pursued against, where `lambda` is above 0. */
  readonly mixture?: readonly PosteriorComponent[] | undefined;
  readonly elastic?: { readonly anchors: readonly ElasticAnchor[]; readonly strength: number } | undefined;
}

/** One way to train a network: where parameters start, what each step learns from, what is known at the end. */
export interface TrainingMethod {
  readonly start: () => NamedArrays;
  readonly objective: Objective;
  readonly posterior: (parameters: NamedArrays) => SinglePosterior;
  /** Frees the tensors that the objective holds (masks, centres, frozen decoders); call it when the training has ended. */
  readonly dispose: () => void;
}

/** The arms of methods 1.4 (an ensemble is several `ri`). */
export type MethodName = 'ri' | 'pr' | 'prf' | 'l2sp' | 'dwp';

/** @throws RangeError where the method needs a prior that is absent or was learned for another network */
export function trainingMethod(name: MethodName, input: MethodInput): TrainingMethod {
  const { net, key, settings } = input;
  const random = randomArrays(net, derive(key, 'start'));
  const pretrained = () => input.from?.mean ?? pretrainedArrays(net, need(input.prior, name), random);
  const point = (weights: UnetArrays, settings: PointSettings, held: readonly UnetWeights[] = []): TrainingMethod => ({
    start: () => namedPoint(net, weights),
    objective: pointObjective(net, { diceWeight: input.settings.diceWeight, ...settings }),
    posterior: (parameters) => ({ kind: 'point', weights: pointArrays(parameters) }),
    dispose: () => {
      for (const { kernels, points } of held) {
        kernels.dispose();
        points.dispose();
      }
    },
  });
  switch (name) {
    case 'ri':
      return point(random, { decay: settings.decay });
    case 'pr':
      return point(pretrained(), {});
    case 'prf': {
      const mask = tensorsOf(net, outerMask(net));
      return point(pretrained(), { mask }, [mask]);
    }
    case 'l2sp': {
      const weights = pretrained();
      const centre = tensorsOf(net, weights);
      return point(weights, { pull: { centre, strength: settings.pull } }, [centre]);
    }
    case 'dwp':
      return deepWeightPrior(input, need(input.prior, name), random);
    default:
      throw name satisfies never;
  }
}

function deepWeightPrior(
  { net, settings, observedVoxels, key, from: learned }: MethodInput,
  stored: NamedArrays,
  random: UnetArrays,
): TrainingMethod {
  const groups = priorGroups(net, stored);
  const { slices } = countWeights(net);
  const mean = (): UnetArrays => {
    if (learned?.mean) return learned.mean;
    switch (settings.start) {
      case 'prior':
        return { kernels: sampleKernels(net, stored, derive(key, 'prior-start')), points: random.points };
      case 'source':
        return pretrainedArrays(net, stored, random);
      case 'normal':
        return {
          kernels: Float32Array.from(normals(derive(key, 'normal-start'), random.kernels.length), (x) => 0.02 * x),
          points: random.points,
        };
      default:
        throw settings.start satisfies never;
    }
  };
  const logVariance = () => {
    if (learned?.logVariance) return learned.logVariance;
    const values = new Float32Array(kernelVoxels * slices);
    for (const { group, from, to } of groupRanges(net)) {
      const start = 2 * Math.log(settings.startDeviation * groups.spread[group - 1]!);
      for (let row = 0; row < kernelVoxels; row++) values.fill(start, row * slices + from, row * slices + to);
    }
    return values;
  };
  const { lambda, defence } = settings;
  const pursuit =
    learned?.mixture && lambda > 0
      ? openPursuit(net, learned.mixture, { spread: groups.spread, lambda, defence })
      : undefined;
  const plain = variationalObjective(net, {
    noise: settings.noise,
    diceWeight: settings.diceWeight,
    prior: groups.prior,
    klWeight: settings.beta / observedVoxels,
    slicesPerStep: settings.slicesPerStep,
    pursuit,
  });
  const elastic = learned?.elastic && withElasticPull(net, plain, learned.elastic);
  return {
    start: () => ({
      ...namedPoint(net, mean()),
      logVariance: { shape: [kernelVoxels, slices], data: logVariance() },
      ...groups.encoders,
    }),
    objective: elastic ?? plain,
    posterior: (parameters) => ({
      kind: 'gaussian',
      mean: pointArrays(parameters),
      logVariance: parameters['logVariance']!.data.map((value) => value + 2 * Math.log(settings.posteriorScale)),
    }),
    dispose: () => {
      for (const { decoder } of groups.prior.groups) disposeRecord(decoder);
      if (pursuit) disposePursuit(pursuit);
      elastic?.dispose();
    },
  };
}

const need = (prior: NamedArrays | undefined, method: string): NamedArrays => {
  if (!prior) throw new RangeError(`method ${method} needs a prior`);
  return prior;
};

/** The source net's weights where the layer has the same shape; the head is always new; a first layer for other channels takes the source's mean. */
function pretrainedArrays(net: UnetArchitecture, stored: NamedArrays, random: UnetArrays): UnetArrays {
  const fresh = layerSlices(net, random);
  return arraysOfLayers(net, (layer) => {
    const source = stored[`start/${layer.name}`];
    if (layer.name === 'head' || !source) return fresh(layer);
    const [, , , inChannels, outChannels] = source.shape as [number, number, number, number, number];
    if (inChannels === layer.inChannels && outChannels === layer.outChannels) return source.data;
    if (layer.name === 'input' && inChannels === 1) return repeatChannels(source.data, layer);
    return fresh(layer);
  });
}

function repeatChannels(single: Float32Array, { inChannels, outChannels }: UnetLayer): Float32Array {
  const filter = new Float32Array(kernelVoxels * inChannels * outChannels);
  for (let n = 0; n < filter.length; n++)
    filter[n] = single[Math.floor(n / (inChannels * outChannels)) * outChannels + (n % outChannels)]! / inChannels;
  return filter;
}

function layerSlices(net: UnetArchitecture, arrays: UnetArrays): (layer: UnetLayer) => Float32Array {
  const layers = layersOfArrays(net, arrays);
  return ({ name }) => layers[name]!.data;
}

/** PRf trains the input convolution, the last up block and the head (methods 1.4). */
const outerMask = (net: UnetArchitecture): UnetArrays =>
  arraysOfLayers(net, ({ name, kernelSize, inChannels, outChannels }) =>
    new Float32Array(kernelSize ** 3 * inChannels * outChannels).fill(
      name === 'input' || name === 'head' || name.startsWith('up-3/') ? 1 : 0,
    ),
  );

const tensorsOf = (net: UnetArchitecture, { kernels, points }: UnetArrays) => ({
  kernels: tensor2d(kernels, [kernelVoxels, countWeights(net).slices]),
  points: tensor1d(points),
});

const namedPoint = (net: UnetArchitecture, { kernels, points }: UnetArrays): NamedArrays => ({
  kernels: { shape: [kernelVoxels, countWeights(net).slices], data: kernels },
  points: { shape: [points.length], data: points },
});

const pointArrays = (parameters: NamedArrays): UnetArrays => ({
  kernels: parameters['kernels']!.data,
  points: parameters['points']!.data,
});
