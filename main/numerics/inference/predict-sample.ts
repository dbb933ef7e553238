import { scalar, softmax, tensor1d, tensor5d, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { filtersOf, type UnetWeights } from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { blendingProfile, extractPatch, patchCorners, patchStarts, type Sides } from '../tensors/patches.ts';
import { perAxis } from '../tensors/per-axis.ts';

export interface PredictionInput {
  /** [D, H, W, C] */
  readonly image: Float32Array;
  readonly size: Sides;
  /** Multiples of 8. A volume within one patch is run whole. */
  readonly patch: Sides;
  readonly overlap: number;
}

/** What one posterior sample is: a weight set, and how far its foreground reaches. */
export interface SampledNetwork {
  readonly net: UnetArchitecture;
  readonly weights: UnetWeights;
  /** Added to the logit of every foreground class; 0 leaves the network's own border. */
  readonly foregroundLogit: number;
  /** Divides all logits: above 1, probabilities are less sure; the most probable class within a patch stays (Guo et al. 2017). 1 where absent. */
  readonly temperature?: number | undefined;
}

/**
 * Class probabilities [D, H, W, K] of a whole volume under one posterior sample: overlapping patches, blended by Gaussian weights.
 * `breathe` is called between patches and may throw to stop. The result lies in `into` where it is given.
 */
export async function predictSample(
  network: SampledNetwork,
  { image, size, patch, overlap }: PredictionInput,
  breathe: () => Promise<void>,
  into?: Float32Array,
): Promise<Float32Array> {
  const { classes: K, inputChannels } = network.net;
  const corners = patchCorners(size, patch, overlap);
  const sums = into?.fill(0) ?? new Float32Array(size[0] * size[1] * size[2] * K);
  const profiles =
    corners.length > 1 ? perAxis((axis) => blendingWeights(size[axis], patch[axis], overlap)) : undefined;
  for (const corner of corners) {
    await breathe();
    const probability = patchProbability(network, extractPatch(image, size, corner, patch, inputChannels), patch);
    addPatch({ sums, size, K }, probability, { corner, patch, profiles });
  }
  return sums;
}

const patchProbability = (
  { net, weights, foregroundLogit, temperature = 1 }: SampledNetwork,
  values: Float32Array,
  patch: Sides,
): Float32Array => {
  const result = tidy(() => {
    const scan = tensor5d(values, [1, ...patch, net.inputChannels]);
    const shift = Float32Array.from({ length: net.classes }, (_, k) => (k === 0 ? 0 : foregroundLogit));
    const logits = unetLogits(net, convolveWith(filtersOf(net, weights)), scan).add(tensor1d(shift));
    return softmax(logits.div(scalar(temperature)));
  });
  const probability = result.dataSync<'float32'>();
  result.dispose();
  return probability;
};

/**
 * Blending weights along one axis, by patch start: what a patch gives to each of its voxels, as a share of what all give there.
 * Patches start at every combination of the axes' starts, so the shares of a voxel are the products of its axes' shares.
 */
function blendingWeights(length: number, side: number, overlap: number): ReadonlyMap<number, Float32Array> {
  const profile = blendingProfile(side);
  const starts = patchStarts(length, side, overlap);
  const mass = new Float64Array(length + side);
  for (const start of starts) for (let n = 0; n < side; n++) mass[start + n]! += profile[n]!;
  return new Map(starts.map((start) => [start, profile.map((weight, n) => weight / mass[start + n]!)]));
}

interface Blend {
  readonly sums: Float32Array;
  readonly size: Sides;
  readonly K: number;
}

/** Adds a patch's probabilities, each weighed by its share; a single patch counts whole. */
function addPatch(
  { sums, size, K }: Blend,
  probability: Float32Array,
  at: {
    readonly corner: Sides;
    readonly patch: Sides;
    readonly profiles: readonly ReadonlyMap<number, Float32Array>[] | undefined;
  },
): void {
  const { corner, patch, profiles } = at;
  const reach = perAxis((axis) => Math.min(patch[axis], size[axis] - corner[axis]));
  const shares = profiles?.map((axis, n) => axis.get(corner[n]!)!);
  for (let d = 0; d < reach[0]; d++)
    for (let h = 0; h < reach[1]; h++) {
      const plane = shares ? shares[0]![d]! * shares[1]![h]! : 1;
      let from = (d * patch[1] + h) * patch[2] * K;
      let to = (((corner[0] + d) * size[1] + corner[1] + h) * size[2] + corner[2]) * K;
      for (let w = 0; w < reach[2]; w++) {
        const weight = shares ? plane * shares[2]![w]! : 1;
        for (let k = 0; k < K; k++) sums[to++]! += weight * probability[from++]!;
      }
    }
}
