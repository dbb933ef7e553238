import type { NamedArrays } from '../models/named-arrays.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import type { UnetArrays } from '../models/unet-weights.ts';
import type { PosteriorComponent, SinglePosterior } from '../posteriors/weight-posterior.ts';
import type { RandomKey } from '../tensors/random.ts';
import type { ElasticAnchor } from './elastic-pull.ts';
import type { Objective } from './objective.ts';
import type { NoiseForm } from './variational-objective.ts';

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
  /** Of the low-rank Gaussian prior: its covariance is that of the source net's snapshots times this. */
  readonly covarianceScale: number;
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
  /** Weights of `learn-prior`: VAEs under `group-1/` and so on, a source net under `start/`, its snapshots under `snapshot-1/` and so on. */
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
