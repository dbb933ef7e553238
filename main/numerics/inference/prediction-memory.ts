import type { UnetArchitecture } from '../models/unet-layers.ts';
import type { PredictionInput } from './predict-sample.ts';

/** Channels-worth of voxels at full resolution that a forward pass holds at its peak, measured on the short network. */
const activationsPerVoxel = { short: 96, full: 96 } as const;
const runtimeBytes = 700e6;

/** Forecast of resident memory of one prediction: the back end, a patch's activations, and the accumulators of the whole scan. */
export function predictionMemoryBytes(net: UnetArchitecture, { size, patch }: PredictionInput): number {
  const voxels = size[0] * size[1] * size[2];
  const patchVoxels = patch[0] * patch[1] * patch[2];
  const accumulators = voxels * 4 * (net.inputChannels + 4 * net.classes + 6);
  return runtimeBytes + patchVoxels * 4 * activationsPerVoxel[net.size] + accumulators;
}
