import { type Scalar, type Tensor, type Tensor1D, type Tensor2D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { filtersOf, type UnetWeights } from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { frugalValueAndGrads } from '../tensors/frugal-gradient.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { authorsDiceWeight } from '../tensors/fused/segmentation-loss.ts';

/** Labelled patches of one size: `image` [B, D, H, W, C], `truth` one-hot [B, D, H, W, K]; B is 1 where a batch is drawn. */
export interface Example {
  readonly image: Tensor5D;
  readonly truth: Tensor5D;
}

/** The caller disposes all three. */
export type SegmentationGradient = {
  readonly loss: Scalar;
  readonly kernels: Tensor2D;
  readonly points: Tensor1D;
};

/** Mean loss of the patches and its gradient with respect to both weight tensors. */
export function segmentationGradient(
  net: UnetArchitecture,
  weights: UnetWeights,
  { image, truth }: Example,
  diceWeight = authorsDiceWeight,
): SegmentationGradient {
  return tidy(() => {
    const lossOf = (kernels: Tensor, points: Tensor): Scalar => {
      const filters = filtersOf(net, { kernels: kernels as Tensor2D, points: points as Tensor1D });
      return fused().segmentationLoss(unetLogits(net, convolveWith(filters), image), truth, diceWeight);
    };
    const { value, grads } = frugalValueAndGrads(lossOf as (...inputs: Tensor[]) => Tensor)([
      weights.kernels,
      weights.points,
    ]);
    return { loss: value as Scalar, kernels: grads[0] as Tensor2D, points: grads[1] as Tensor1D };
  });
}
