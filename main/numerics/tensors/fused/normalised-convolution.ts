import { conv3d, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { normaliseAndActivate } from './normalise-and-activate.ts';

/** Instance norm and ReLU, then a convolution padded to `same`. */
export const normalisedConvolution = (x: Tensor5D, filter: Tensor5D): Tensor5D =>
  tidy(() => conv3d(normaliseAndActivate(x), filter, 1, 'same'));
