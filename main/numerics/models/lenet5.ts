import { conv2d, maxPool, relu, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { derive, normals, type RandomKey } from '../tensors/random.ts';

interface Layer {
  readonly shape: readonly number[];
  /** Inputs of one output: the start's deviation is sqrt(2 / fanIn) (He et al. 2015). */
  readonly fanIn: number;
}

const layer = (...shape: number[]): readonly Layer[] => {
  const fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1);
  return [
    { shape, fanIn },
    { shape: [shape.at(-1)!], fanIn: 0 },
  ];
};

/** LeNet-5 (LeCun et al. 1998) with ReLU and max pooling: filters and biases in order. */
const layers: readonly Layer[] = [
  ...layer(5, 5, 1, 6),
  ...layer(5, 5, 6, 16),
  ...layer(400, 120),
  ...layer(120, 84),
  ...layer(84, 10),
];
const sizeOf = ({ shape }: Layer): number => shape.reduce((product, side) => product * side, 1);

/** 61,706 */
export const lenetWeightCount = layers.reduce((sum, one) => sum + sizeOf(one), 0);
/** Features under the last layer. */
export const lenetFeatureCount = 84;

/** Weights to start from, float64 [61706]: filters by He, biases 0. */
export function lenetStart(key: RandomKey): Float64Array {
  const weights = new Float64Array(lenetWeightCount);
  let offset = 0;
  for (const [n, one] of layers.entries()) {
    const scale = one.fanIn === 0 ? 0 : Math.sqrt(2 / one.fanIn);
    const draws = normals(derive(key, 'layer', n), sizeOf(one));
    for (let w = 0; w < draws.length; w++) weights[offset + w] = scale * draws[w]!;
    offset += draws.length;
  }
  return weights;
}

/** Logits [B, 10] and the activations under the last layer [B, 84] of images [B, 28, 28, 1]; the caller tidies. */
export function lenet5(
  weights: Tensor1D,
  images: Tensor4D,
): { readonly logits: Tensor2D; readonly features: Tensor2D } {
  let offset = 0;
  const parts = layers.map((one): Tensor => {
    const part = weights.slice(offset, sizeOf(one)).reshape([...one.shape]);
    offset += sizeOf(one);
    return part;
  });
  const [conv1, bias1, conv2, bias2, dense1, bias3, dense2, bias4, dense3, bias5] = parts as [
    Tensor4D,
    Tensor,
    Tensor4D,
    Tensor,
    Tensor2D,
    Tensor,
    Tensor2D,
    Tensor,
    Tensor2D,
    Tensor,
  ]; // in the order of `layers`
  const first = maxPool(relu(conv2d(images, conv1, 1, 'same').add(bias1)) as Tensor4D, 2, 2, 'valid'); // [B, 14, 14, 6]
  const second = maxPool(relu(conv2d(first, conv2, 1, 'valid').add(bias2)) as Tensor4D, 2, 2, 'valid'); // [B, 5, 5, 16]
  const third = relu(second.reshape([images.shape[0], 400]).matMul(dense1).add(bias3)) as Tensor2D; // [B, 120]
  const features = relu(third.matMul(dense2).add(bias4)) as Tensor2D; // [B, 84]
  return { logits: features.matMul(dense3).add(bias5) as Tensor2D, features };
}
