import { softmax, tensor1d, tensor5d, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { filtersOf, type UnetWeights } from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { blendingProfile, extractPatch, patchCorners, type Sides } from '../tensors/patches.ts';

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
}

/**
 * Class probabilities [D, H, W, K] of a whole volume under one posterior sample: overlapping patches, blended by Gaussian weights.
 * `breathe` is called between patches and may throw to stop.
 */
export async function predictSample(
  network: SampledNetwork,
  { image, size, patch, overlap }: PredictionInput,
  breathe: () => Promise<void>,
): Promise<Float32Array> {
  const { classes: K, inputChannels } = network.net;
  const corners = patchCorners(size, patch, overlap);
  const sums = new Float32Array(size[0] * size[1] * size[2] * K);
  const mass = corners.length > 1 ? new Float32Array(size[0] * size[1] * size[2]) : undefined;
  const profiles = patch.map(blendingProfile) as [Float32Array, Float32Array, Float32Array];
  for (const corner of corners) {
    await breathe();
    const probability = patchProbability(network, extractPatch(image, size, corner, patch, inputChannels), patch);
    addPatch({ sums, mass, size, K }, probability, { corner, patch, profiles });
  }
  if (mass) for (let v = 0; v < mass.length; v++) for (let k = 0; k < K; k++) sums[v * K + k]! /= mass[v]!;
  return sums;
}

const patchProbability = (
  { net, weights, foregroundLogit }: SampledNetwork,
  values: Float32Array,
  patch: Sides,
): Float32Array => {
  const result = tidy(() => {
    const scan = tensor5d(values, [1, ...patch, net.inputChannels]);
    const shift = Float32Array.from({ length: net.classes }, (_, k) => (k === 0 ? 0 : foregroundLogit));
    return softmax(unetLogits(net, convolveWith(filtersOf(net, weights)), scan).add(tensor1d(shift)));
  });
  const probability = result.dataSync<'float32'>();
  result.dispose();
  return probability;
};

interface Blend {
  readonly sums: Float32Array;
  readonly mass: Float32Array | undefined;
  readonly size: Sides;
  readonly K: number;
}

function addPatch(
  { sums, mass, size, K }: Blend,
  probability: Float32Array,
  at: { readonly corner: Sides; readonly patch: Sides; readonly profiles: readonly Float32Array[] },
): void {
  const { corner, patch, profiles } = at;
  const reach = patch.map((side, axis) => Math.min(side, size[axis]! - corner[axis]!));
  for (let d = 0; d < reach[0]!; d++)
    for (let h = 0; h < reach[1]!; h++) {
      const plane = mass ? profiles[0]![d]! * profiles[1]![h]! : 1;
      let from = (d * patch[1] + h) * patch[2] * K;
      let voxel = ((corner[0] + d) * size[1] + corner[1] + h) * size[2] + corner[2];
      for (let w = 0; w < reach[2]!; w++, voxel++) {
        const weight = mass ? plane * profiles[2]![w]! : 1;
        for (let k = 0; k < K; k++) sums[voxel * K + k]! += weight * probability[from++]!;
        if (mass) mass[voxel]! += weight;
      }
    }
}
