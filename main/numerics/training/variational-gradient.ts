import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomKey } from '../tensors/random.ts';

/** How a gradient is drawn. */
export interface GradientSettings {
  readonly key: RandomKey;
  /** See `segmentationLoss`. */
  readonly diceWeight?: number | undefined;
}

/** Gradient of the mean data loss over a batch with respect to q's parameters. */
export interface VariationalGradient {
  readonly loss: Tensor;
  readonly kernels: Tensor;
  readonly logVariance: Tensor;
  readonly points: Tensor;
}
