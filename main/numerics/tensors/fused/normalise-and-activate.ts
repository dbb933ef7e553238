import { moments, scalar, type Tensor5D, tidy } from '@tensorflow/tfjs-core';

/** Added to the variance, as TensorFlow's and PyTorch's instance norms do. */
export const normalisationEpsilon = 1e-5;

/** Instance norm (Ulyanov et al. 2016) over D, H, W of each sample and channel, then ReLU. */
export function normaliseAndActivate(x: Tensor5D): Tensor5D {
  return tidy(() => {
    const { mean, variance } = moments(x, [1, 2, 3], true); // [B, 1, 1, 1, C]
    return x
      .sub(mean)
      .mul(variance.add(scalar(normalisationEpsilon)).rsqrt())
      .relu() as Tensor5D;
  });
}
