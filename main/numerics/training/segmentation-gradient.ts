import {
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor5D,
  tidy,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { filtersOf, type UnetWeights } from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { segmentationLoss } from './segmentation-loss.ts';

/** One labelled patch: `image` [1, D, H, W, C], `truth` one-hot [1, D, H, W, K]. */
export interface Example {
  readonly image: Tensor5D;
  readonly truth: Tensor5D;
}

/** Loss of one example and its gradient with respect to both weight tensors; the caller disposes all three. */
export function segmentationGradient(
  net: UnetArchitecture,
  weights: UnetWeights,
  { image, truth }: Example,
): { loss: Scalar; kernels: Tensor2D; points: Tensor1D } {
  return tidy(() => {
    const lossOf = (kernels: Tensor, points: Tensor): Scalar => {
      const filters = filtersOf(net, { kernels: kernels as Tensor2D, points: points as Tensor1D });
      return segmentationLoss(unetLogits(net, convolveWith(filters), image), truth);
    };
    const { value, grads } = valueAndGrads(lossOf)([weights.kernels, weights.points]);
    return { loss: value as Scalar, kernels: grads[0] as Tensor2D, points: grads[1] as Tensor1D };
  });
}
