import type { NamedArrays } from '../models/named-arrays.ts';
import { countWeights, kernelVoxels, type UnetArrays } from '../models/unet-weights.ts';
import { kernelDivergence } from '../priors/kernel-divergence.ts';
import { groupRanges } from '../priors/kernel-groups.ts';
import { disposeSnapshotGaussian, openSnapshotGaussian, snapshotDivergence } from '../priors/snapshot-gaussian.ts';
import { priorGroups, sampleKernels, snapshotPrefixes } from '../priors/stored-prior.ts';
import { derive, normals } from '../tensors/random.ts';
import { disposeRecord } from '../tensors/tensor-record.ts';
import { withElasticPull } from './elastic-pull.ts';
import { disposePursuit, openPursuit } from './pursuit-term.ts';
import { namedPoint, pointArrays, pretrainedArrays } from './start-weights.ts';
import type { MethodInput, TrainingMethod } from './training-method.ts';
import { variationalObjective, type WeightDivergence } from './variational-objective.ts';

/** Deep Weight Prior (Atanov et al. 2019; methods 1.3): q(w) factorised, its KL to kernel VAEs whose encoders are fine-tuned with it. */
export function deepWeightPrior(input: MethodInput, stored: NamedArrays, random: UnetArrays): TrainingMethod {
  const { settings } = input;
  const { prior, spread, encoders } = priorGroups(input.net, stored);
  return variationalMethod(input, {
    mean: () => startMean(input, stored, random),
    spread,
    divergence: (parameters, key) => kernelDivergence(prior, parameters, settings.slicesPerStep, key),
    trained: encoders,
    dispose: () => {
      for (const { decoder } of prior.groups) disposeRecord(decoder);
    },
  });
}

/**
 * Gaussian of low rank through the source net's snapshots as the prior ("pre-train your loss", Shwartz-Ziv et al. 2022), with the posterior and
 * the training of the Deep Weight Prior: the two differ in the prior alone.
 * @throws RangeError where the prior keeps no snapshots
 */
export function snapshotPrior(input: MethodInput, stored: NamedArrays, random: UnetArrays): TrainingMethod {
  const { net, settings } = input;
  const snapshots = snapshotPrefixes(stored).map((prefix) => pretrainedArrays(net, stored, random, prefix).kernels);
  const gaussian = openSnapshotGaussian(snapshots, [kernelVoxels, countWeights(net).slices], settings.covarianceScale);
  const { prior, spread } = priorGroups(net, stored);
  for (const { decoder } of prior.groups) disposeRecord(decoder);
  return variationalMethod(input, {
    mean: () => startMean(input, stored, random),
    spread,
    divergence: (parameters) => snapshotDivergence(gaussian, parameters),
    trained: {},
    dispose: () => disposeSnapshotGaussian(gaussian),
  });
}

/** What one weight prior brings to variational inference. */
interface PriorTerm {
  readonly mean: () => UnetArrays;
  /** Deviation of the kernels of group 1 to 7. */
  readonly spread: readonly number[];
  readonly divergence: WeightDivergence;
  /** Parameters of the prior that are trained with q. */
  readonly trained: NamedArrays;
  readonly dispose: () => void;
}

function startMean(
  { net, settings, key, from: learned }: MethodInput,
  stored: NamedArrays,
  random: UnetArrays,
): UnetArrays {
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
}

/** q(w) = N(kernels, exp(logVariance)) on the 3^3 kernels, points elsewhere. */
function variationalMethod(
  { net, settings, observedVoxels, from: learned }: MethodInput,
  prior: PriorTerm,
): TrainingMethod {
  const { slices } = countWeights(net);
  const logVariance = () => {
    if (learned?.logVariance) return learned.logVariance;
    const values = new Float32Array(kernelVoxels * slices);
    for (const { group, from, to } of groupRanges(net)) {
      const start = 2 * Math.log(settings.startDeviation * prior.spread[group - 1]!);
      for (let row = 0; row < kernelVoxels; row++) values.fill(start, row * slices + from, row * slices + to);
    }
    return values;
  };
  const { lambda, defence } = settings;
  const pursuit =
    learned?.mixture && lambda > 0
      ? openPursuit(net, learned.mixture, { spread: prior.spread, lambda, defence })
      : undefined;
  const plain = variationalObjective(net, {
    noise: settings.noise,
    diceWeight: settings.diceWeight,
    divergence: prior.divergence,
    klWeight: settings.beta / observedVoxels,
    pursuit,
  });
  const elastic = learned?.elastic && withElasticPull(net, plain, learned.elastic);
  return {
    start: () => ({
      ...namedPoint(net, prior.mean()),
      logVariance: { shape: [kernelVoxels, slices], data: logVariance() },
      ...prior.trained,
    }),
    objective: elastic ?? plain,
    posterior: (parameters) => ({
      kind: 'gaussian',
      mean: pointArrays(parameters),
      logVariance: parameters['logVariance']!.data.map((value) => value + 2 * Math.log(settings.posteriorScale)),
    }),
    dispose: () => {
      prior.dispose();
      if (pursuit) disposePursuit(pursuit);
      elastic?.dispose();
    },
  };
}
