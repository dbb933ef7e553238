import { conv2d, leakyRelu, maxPool, scalar, type Tensor, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { NamedArrays } from './named-arrays.ts';

/** Channels of the two convolutions, 7 x 7 and 5 x 5, over 28 x 28 grey images of ten classes (Atanov et al. 2019; methods 6). */
export interface PlaneCnn {
  readonly channels: readonly [number, number];
}

export const planeSide = 28;
/** Sides of the two convolutions' kernels, by layer. */
export const planeKernels = { 'conv-1': 7, 'conv-2': 5 } as const;
export type PlaneLayer = keyof typeof planeKernels;
export const planeLayers = ['conv-1', 'conv-2'] as const;

/** 28 -> 22 -> 11 -> 7 -> 3. */
const lastSide = 3;
const leak = 0.01;

export const planeShapes = ({ channels: [first, second] }: PlaneCnn) =>
  ({
    'conv-1': [7, 7, 1, first],
    'conv-2': [5, 5, first, second],
    linear: [lastSide * lastSide * second, 10],
    bias: [10],
  }) as const;

/** He normal; the bias 0. */
export function planeStart(net: PlaneCnn, key: RandomKey): NamedArrays {
  return Object.fromEntries(
    Object.entries(planeShapes(net)).map(([name, shape]) => {
      const count = shape.reduce((product: number, side) => product * side, 1);
      const deviation = name === 'bias' ? 0 : Math.sqrt(2 / (count / shape.at(-1)!));
      return [name, { shape, data: Float32Array.from(normals(derive(key, name), count), (x) => deviation * x) }];
    }),
  );
}

/** How a layer convolves: the weights' noise lives behind it. */
export type PlaneConvolution = (x: Tensor4D, layer: PlaneLayer) => Tensor4D;

export const plainConvolution =
  (weights: TensorRecord): PlaneConvolution =>
  (x, layer) =>
    conv2d(x, weights[layer] as Tensor4D, 1, 'valid');

/**
 * Outputs drawn one by one (local reparameterisation, the authors' way): N(conv(x, mu), conv(x^2, exp(log variance))).
 * @param noise standard normals of a layer's output shape
 */
export const noisyConvolution =
  (weights: TensorRecord, noise: (layer: PlaneLayer, shape: readonly number[]) => Tensor): PlaneConvolution =>
  (x, layer) => {
    const mean = conv2d(x, weights[layer] as Tensor4D, 1, 'valid');
    const variance = conv2d(x.square() as Tensor4D, weights[`${layer}/logVariance`]!.exp() as Tensor4D, 1, 'valid');
    return mean.add(variance.add(scalar(1e-16)).sqrt().mul(noise(layer, mean.shape)));
  };

/** Logits [B, 10] of images [B, 28, 28, 1]; within a tidy or a gradient. */
export function planeLogits(weights: TensorRecord, convolve: PlaneConvolution, images: Tensor4D): Tensor2D {
  let x = images;
  for (const layer of planeLayers) x = maxPool(leakyRelu(convolve(x, layer), leak) as Tensor4D, 2, 2, 'valid');
  const flat = x.reshape([images.shape[0], -1]) as Tensor2D;
  return flat.matMul(weights['linear']!).add(weights['bias']!);
}

/** Slices of a layer's filter [k, k, in, out], one for each pair of channels: [in * out, k * k]. Differentiable. */
export const slicesOf = (filter: Tensor): Tensor2D => {
  const [height, width, inputs, outputs] = filter.shape as [number, number, number, number];
  return filter.reshape([height * width, inputs * outputs]).transpose([1, 0]) as Tensor2D;
};

/** The inverse of `slicesOf` on plain rows. */
export function filterOfSlices(
  slices: Float32Array,
  [height, width, inputs, outputs]: readonly number[],
): Float32Array {
  const [size, count] = [height! * width!, inputs! * outputs!];
  const filter = new Float32Array(slices.length);
  for (let n = 0; n < count; n++) for (let p = 0; p < size; p++) filter[p * count + n] = slices[n * size + p]!;
  return filter;
}
