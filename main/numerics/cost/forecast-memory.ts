import type { PredictionInput } from '../inference/predict-sample.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, kernelVoxels } from '../models/unet-weights.ts';
import type { Sides } from '../tensors/patches.ts';

/** What a pass over a patch does: `local` is training with noise per activation. */
export type Pass = 'inference' | 'training' | 'local';

/** Bytes per voxel of a patch at the peak of a pass, for one channel and two classes (docs/results/bench-scaling.json). */
const bytesPerVoxel: Readonly<Record<UnetArchitecture['size'], Readonly<Record<Pass, number>>>> = {
  short: { inference: 300, training: 1100, local: 2250 },
  full: { inference: 360, training: 1100, local: 2350 },
};
/** Each further channel or class: the image or the logits, and what the loss makes of them. */
const bytesPerPlane = { inference: 16, training: 60, local: 60 } as const;
/** Weights, their gradients, both moments, filters and their gradients while a step runs. */
const bytesPerWeight = { inference: 8, training: 24, local: 48 } as const;

const voxelsOf = (sides: Sides): number => sides[0] * sides[1] * sides[2];

/** Bytes that a pass over patches takes beyond what the process holds when the back end is loaded. */
export function passBytes(net: UnetArchitecture, pass: Pass, patch: Sides, together = 1): number {
  const planes = net.inputChannels - 1 + net.classes - 2;
  const { slices, points } = countWeights(net);
  const perVoxel = bytesPerVoxel[net.size][pass] + planes * bytesPerPlane[pass];
  return voxelsOf(patch) * together * perVoxel + (slices * kernelVoxels + points) * bytesPerWeight[pass];
}

/**
 * Bytes that segmenting a scan takes beyond what the process holds: the larger of predicting (the scan as the network sees
 * it, one sample's probabilities, the sums over samples, a patch) and of writing (the maps and their copies on the scan's grid).
 * @param native voxels of the scan's own grid
 * @param input the patch that is run and the size of the prepared scan
 * @param keeping samples are brought to the scan's grid one at a time; interim maps are made beside sums that go on
 */
export function segmentationBytes(
  net: UnetArchitecture,
  native: number,
  { size, patch }: Pick<PredictionInput, 'size' | 'patch'>,
  keeping: { readonly keepSamples?: boolean; readonly interim?: boolean } = {},
): number {
  const { classes: K, inputChannels: C } = net;
  const voxels = voxelsOf(size);
  const float = 4;
  const held = native * float * C + voxels * float * C;
  const predicting = voxels * (float * (2 * K + 2) + 1) + passBytes(net, 'inference', patch);
  const maps = voxels * (float * (K + 4) + 1);
  const going = keeping.interim ? voxels * float * (K + 2) : 0;
  const sample = keeping.keepSamples ? native * (2 * float + 3) + voxels * (float + 1) : 0;
  const writing = maps + going + sample + native * (float * (K + 1) + 1) + passBytes(net, 'inference', patch) / 2;
  return held + Math.max(predicting, writing);
}

/** Bytes that training on prepared scans takes beyond what the process holds: scans and labels, the pool of augmented patches, a step. */
export function trainingBytes(
  net: UnetArchitecture,
  pass: Exclude<Pass, 'inference'>,
  {
    scans,
    patch,
    together,
    pooledPatches,
  }: {
    readonly scans: readonly Sides[];
    readonly patch: Sides;
    /** Patches of a batch that go through the net at once. */
    readonly together: number;
    readonly pooledPatches: number;
  },
): number {
  const data = scans.reduce((sum, size) => sum + voxelsOf(size), 0);
  const perVoxel = 4 * net.inputChannels + 1;
  const read = data * (perVoxel + 8); // and as they were read
  return read + pooledPatches * voxelsOf(patch) * perVoxel + passBytes(net, pass, patch, together);
}
