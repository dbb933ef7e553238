import type { Tensor } from '@tensorflow/tfjs-core';
import type { RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { Example } from './segmentation-gradient.ts';

/** What one step of a training learns from: a method is its objective and where its parameters start. */
export interface Objective {
  /**
   * Gradient of the loss over a batch. Pure: depends on the arguments alone. The caller disposes the gradients.
   * `info` holds `loss` (what is minimised), `dataLoss`, and what else the method wants shown.
   */
  gradient(
    parameters: TensorRecord,
    batch: readonly Example[],
    key: RandomKey,
  ): { readonly gradients: Record<string, Tensor>; readonly info: Readonly<Record<string, number>> };
}
