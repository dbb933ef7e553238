import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { normals, type RandomKey } from '../random.ts';

/** Standard normals drawn on the host. */
export function gaussianNoise(key: RandomKey, shape: readonly number[]): Tensor {
  const count = shape.reduce((product, side) => product * side, 1);
  return tensor(Float32Array.from(normals(key, count)), [...shape]);
}
