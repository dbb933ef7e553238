import type { Tensor } from '@tensorflow/tfjs-core';

/** Gradient of the mean data loss over a batch with respect to q's parameters. */
export interface VariationalGradient {
  readonly loss: Tensor;
  readonly kernels: Tensor;
  readonly logVariance: Tensor;
  readonly points: Tensor;
}
