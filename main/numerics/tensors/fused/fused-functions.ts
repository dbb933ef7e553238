import { getBackend, type Scalar, type Tensor, type Tensor5D } from '@tensorflow/tfjs-core';
import type { RandomKey } from '../random.ts';
import { type AdamMoments, adamUpdate } from './adam-update.ts';
import { gaussianNoise } from './gaussian-noise.ts';
import { type GaussianLayer, normalisedLocalReparameterisation } from './local-reparameterisation.ts';
import { normaliseAndActivate } from './normalise-and-activate.ts';
import { normalisedConvolution } from './normalised-convolution.ts';
import { segmentationLoss } from './segmentation-loss.ts';
import { upsample } from './upsample.ts';

/** The few functions that models call by name, so that a back end may bring a faster form of the same meaning. */
export interface FusedFunctions {
  /** Instance norm without affine, then ReLU. [B, D, H, W, C] to the same. */
  normaliseAndActivate(x: Tensor5D): Tensor5D;
  /** Instance norm, ReLU, convolution: a faster form may keep `x` alone for its gradient and compute the activation again. */
  normalisedConvolution(x: Tensor5D, filter: Tensor5D): Tensor5D;
  /** Instance norm, ReLU, convolution by independent Gaussian weights, its noise drawn per activation. */
  normalisedLocalReparameterisation(x: Tensor5D, layer: GaussianLayer): Tensor5D;
  /** Trilinear interpolation to twice the size, voxel edges aligned. [B, D, H, W, C] to [B, 2D, 2H, 2W, C]. */
  upsample(x: Tensor5D): Tensor5D;
  /** Standard normals that depend on (key, shape) alone. */
  gaussianNoise(key: RandomKey, shape: readonly number[]): Tensor;
  /** `diceWeight` soft Dice and the rest cross-entropy, of logits against a one-hot truth, both [B, D, H, W, K]. */
  segmentationLoss(logits: Tensor5D, truth: Tensor5D, diceWeight: number): Scalar;
  /** One step of Adam for one parameter; `step` counts from 1. */
  adamUpdate(before: AdamMoments, gradient: Tensor, step: number, rate: number): AdamMoments;
}

/** The forms made of tfjs-core ops: they run on every back end and define the meaning. */
export const composedFunctions: FusedFunctions = {
  normaliseAndActivate,
  normalisedConvolution,
  normalisedLocalReparameterisation,
  upsample,
  gaussianNoise,
  segmentationLoss,
  adamUpdate,
};

const byBackend = new Map<string, FusedFunctions>();

/** Gives a back end its own forms. They must equal the composed ones in value and gradient; a test holds them so. */
export const registerFusedFunctions = (backend: string, functions: FusedFunctions): void => {
  byBackend.set(backend, functions);
};

/** The forms of the back end that is set now. */
export const fused = (): FusedFunctions => byBackend.get(getBackend()) ?? composedFunctions;
