import { concat, gather, type Tensor, type Tensor1D, type Tensor2D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import {
  bernoulliLogLikelihood,
  type Dense,
  type DiagonalGaussians,
  decodeLogits,
  denseOf,
  drawCodes,
  encodeImages,
  gaussianDivergence,
  type MlpVaeShape,
} from '../models/mlp-vae.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import { chooseComponents, type DiagonalMixture } from './diagonal-mixture.ts';
import type { MixtureTensors } from './mixture-tensors.ts';

/** The network as it was when the last task ended, and all components stored so far. */
export interface ProtectedPast {
  readonly weights: TensorRecord;
  /** Pseudo-inputs [K, pixels]; none where the components are free Gaussians: the encoder is then held at images alone. */
  readonly inputs: Tensor2D | undefined;
  /** The components: q(z|u) of each pseudo-input under the old encoder, or the Gaussians themselves. */
  readonly codes: MixtureTensors;
  /** The same on the host, to choose components by weight. */
  readonly mixture: DiagonalMixture;
}

/** Where the encoder is held: at the stored pseudo-inputs (the authors' form), at images that the old decoder makes, or both. */
export type EncoderPlaces = 'inputs' | 'images' | 'both';

/** What the new network is held to, for one draw of components; the caller disposes it. */
export interface ProtectionTargets {
  readonly codes: Tensor2D;
  /** The old decoder's Bernoulli means at `codes`. */
  readonly means: Tensor2D;
  /** Log-likelihood of `means` under the old decoder, [R]: what the new one can reach at best. */
  readonly best: Tensor;
  /** Where the encoder is held, and the old q(z|.) there. */
  readonly places: Tensor2D;
  readonly placeMean: Tensor2D;
  readonly placeLogVariance: Tensor2D;
}

/** Draws R codes from the old components and passes them through the old network. */
export function protectionTargets(
  shape: MlpVaeShape,
  past: ProtectedPast,
  { draws, encoderAt }: { readonly draws: number; readonly encoderAt: EncoderPlaces },
  key: RandomKey,
): ProtectionTargets {
  return tidy(() => {
    const old = denseOf(past.weights);
    const chosen = tensor1d(Int32Array.from(chooseComponents(past.mixture, draws, derive(key, 'component'))), 'int32');
    const drawn = gatherRows(past.codes, chosen);
    const noise = fused().gaussianNoise(derive(key, 'noise'), [draws, shape.latent]) as Tensor2D;
    const codes = drawCodes(drawn, noise);
    const logits = decodeLogits(old, codes);
    const means = logits.sigmoid() as Tensor2D;
    const best = bernoulliLogLikelihood(logits, means);
    const places = placesOf(past, means, chosen, encoderAt);
    const { mean, logVariance } = encodeImages(shape, old, places);
    return { codes, means, best, places, placeMean: mean, placeLogVariance: logVariance };
  });
}

function placesOf({ inputs }: ProtectedPast, images: Tensor2D, chosen: Tensor1D, encoderAt: EncoderPlaces): Tensor2D {
  if (!inputs || encoderAt === 'images') return images;
  const own = gather(inputs, chosen) as Tensor2D;
  return encoderAt === 'both' ? concat([images, own]) : own;
}

const gatherRows = ({ mean, logVariance }: DiagonalGaussians, chosen: Tensor1D): DiagonalGaussians => ({
  mean: gather(mean, chosen) as Tensor2D,
  logVariance: gather(logVariance, chosen) as Tensor2D,
});

/**
 * The two terms, each a mean over draws: KL(old decoder || new decoder) of the pixels at codes of old components, and
 * KL(old encoder || new encoder). Scalars.
 */
export function protectionTerms(
  shape: MlpVaeShape,
  dense: Dense,
  { codes, means, best, places, placeMean, placeLogVariance }: ProtectionTargets,
): { readonly decoder: Tensor; readonly encoder: Tensor } {
  const reached = bernoulliLogLikelihood(decodeLogits(dense, codes), means);
  const now = encodeImages(shape, dense, places);
  return {
    decoder: best.sub(reached).mean(),
    encoder: gaussianDivergence({ mean: placeMean, logVariance: placeLogVariance }, now).mean(),
  };
}
