import { concat, scalar, type Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import type { UnetWeights } from '../models/unet-weights.ts';
import type { Sides } from '../tensors/patches.ts';
import { type Example, type SegmentationGradient, segmentationGradient } from './segmentation-gradient.ts';

/** Voxels of a batch that go through the net at once: below this, the overhead of each op costs more than memory does. */
const voxelsTogether = 64 ** 3;

/** How many patches of a batch go through the net at once: all, or one. */
export const patchesTogether = (batch: number, patch: Sides): number =>
  batch * patch[0] * patch[1] * patch[2] <= voxelsTogether ? batch : 1;

/** Mean loss of a batch of patches of one size and its gradient with respect to both weight tensors. */
export function batchGradient(
  net: UnetArchitecture,
  weights: UnetWeights,
  batch: readonly Example[],
  diceWeight?: number,
): SegmentationGradient {
  const [, D, H, W] = batch[0]!.image.shape;
  return tidy(() => {
    if (patchesTogether(batch.length, [D, H, W]) > 1) {
      const of = (name: keyof Example): Tensor5D => concat(batch.map((example) => example[name]));
      return segmentationGradient(net, weights, { image: of('image'), truth: of('truth') }, diceWeight);
    }
    const each = batch.map((example) => segmentationGradient(net, weights, example, diceWeight));
    const mean = <T extends Tensor>(values: readonly T[]): T =>
      values.reduce((sum, value) => sum.add<T>(value)).mul(scalar(1 / values.length));
    return {
      loss: mean(each.map(({ loss }) => loss)),
      kernels: mean(each.map(({ kernels }) => kernels)),
      points: mean(each.map(({ points }) => points)),
    };
  });
}
