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
/** Weights, their filters, and the gradients of both while a pass runs. */
const bytesPerWeight = { inference: 8, training: 24, local: 48 } as const;
/**
 * A trained value of an adaptation: itself, its gradient and both moments, what a step makes of them, and the checkpoint as
 * arrays and as a file (docs/results/bench-forecasts.json).
 */
const bytesPerParameter = 80;

const voxelsOf = (sides: Sides): number => sides[0] * sides[1] * sides[2];

/** Bytes that a pass over patches takes beyond what the process holds when the back end is loaded. */
export function passBytes(net: UnetArchitecture, pass: Pass, patch: Sides, together = 1): number {
  const { slices, points } = countWeights(net);
  const weights = (slices * kernelVoxels + points) * bytesPerWeight[pass];
  return activationBytes(net, pass, voxelsOf(patch) * together) + weights;
}

function activationBytes(net: UnetArchitecture, pass: Pass, voxels: number): number {
  const planes = net.inputChannels - 1 + net.classes - 2;
  return voxels * (bytesPerVoxel[net.size][pass] + planes * bytesPerPlane[pass]);
}

/**
 * Bytes that segmenting a scan takes beyond what the process holds: the larger of predicting (the scan as the network sees
 * it, one sample's probabilities, the sums over samples, a patch) and of writing (the same, which may not be collected yet, one
 * map, and the probabilities and that map on the scan's grid).
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
  const sums = voxels * (float * (2 * K + 2) + 1);
  const going = keeping.interim ? voxels * float * (K + 2) : 0;
  const sample = keeping.keepSamples ? native * (2 * float + 3) + voxels * (float + 1) : 0;
  const writing = going + sample + voxels * float + native * (float * (K + 1) + 1);
  const pass = passBytes(net, 'inference', patch);
  return held + sums + Math.max(pass, writing + pass / 2);
}

/** Bytes that training takes beyond what the process holds once the scans are prepared: the pool of augmented patches, a step, what is trained. */
export function trainingBytes(
  net: UnetArchitecture,
  pass: Exclude<Pass, 'inference'>,
  {
    patch,
    together,
    pooledPatches,
    parameters,
  }: {
    readonly patch: Sides;
    /** Patches of a batch that go through the net at once. */
    readonly together: number;
    readonly pooledPatches: number;
    /** Trained values: weights, deviations, encoders. */
    readonly parameters: number;
  },
): number {
  const pooled = pooledPatches * voxelsOf(patch) * (4 * net.inputChannels + 1);
  return pooled + activationBytes(net, pass, voxelsOf(patch) * together) + parameters * bytesPerParameter;
}
