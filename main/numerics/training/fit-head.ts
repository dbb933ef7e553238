import {
  concat,
  gather,
  matMul,
  scalar,
  softmax,
  type Tensor2D,
  type Tensor5D,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import {
  arraysOfLayers,
  filtersOf,
  layersOfArrays,
  type UnetArrays,
  type UnetWeights,
} from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { type RandomKey, uniforms } from '../tensors/random.ts';
import { adamDispose, adamInit, adamStep } from './adam.ts';
import type { Example } from './segmentation-gradient.ts';

/** Voxels drawn from a patch. */
const voxelsOfPatch = 4096;
const steps = 150;
const rate = 0.05;
/** L2 on the head, so that voxels which features tell apart without fault do not drive it to infinity. */
const decay = 1e-4;

/** What the head reads at some voxels, and what they are. */
export interface HeadVoxels {
  /** [N, C] */
  readonly features: Tensor2D;
  /** [N, K], one of K is 1. */
  readonly truth: Tensor2D;
}

/** Features that a net's last layer reads at voxels drawn from a patch. */
export function headVoxels(
  net: UnetArchitecture,
  weights: UnetWeights,
  { image, truth }: Example,
  key: RandomKey,
): HeadVoxels {
  const [features, known] = tidy((): [Tensor2D, Tensor2D] => {
    const layers = convolveWith(filtersOf(net, weights));
    const read = unetLogits(
      net,
      { ...layers, convolve: (layer, x, stride) => (layer === 'head' ? x.clone() : layers.convolve(layer, x, stride)) },
      image,
    );
    const flat = (all: Tensor5D) => all.reshape([-1, all.shape[4]]) as Tensor2D;
    const count = truth.size / net.classes;
    const drawn = tensor1d(
      Int32Array.from(uniforms(key, Math.min(count, voxelsOfPatch)), (share) => Math.floor(share * count)),
      'int32',
    );
    return [gather(flat(read), drawn), gather(flat(truth), drawn)];
  });
  return { features, truth: known };
}

/**
 * The head alone is fitted to what the other layers give: softmax regression, the first half of "linear probing, then fine-tuning"
 * (Kumar et al. 2022). A random head would first spoil what a source net knows. Starts from the head that `arrays` has.
 * @param voxels are not disposed
 */
export function fitHead(net: UnetArchitecture, arrays: UnetArrays, voxels: readonly HeadVoxels[]): UnetArrays {
  const layers = layersOfArrays(net, arrays);
  const [features, truth] = tidy((): [Tensor2D, Tensor2D] => [
    concat(voxels.map((one) => one.features)),
    concat(voxels.map((one) => one.truth)),
  ]);
  const [count, channels] = features.shape;
  let head = tensor2d(layers['head']!.data, [channels, net.classes]);
  let state = adamInit({ head });
  for (let step = 0; step < steps; step++) {
    const gradient = tidy(() => {
      const wrong = softmax(matMul(features, head)).sub(truth);
      return matMul(features, wrong as Tensor2D, true)
        .mul(scalar(1 / count))
        .add(head.mul(scalar(decay)));
    });
    const next = adamStep(state, { head }, { head: gradient }, rate);
    head.dispose();
    gradient.dispose();
    [state, head] = [next.state, next.parameters['head'] as Tensor2D];
  }
  const fitted = head.dataSync<'float32'>().slice();
  adamDispose(state);
  for (const tensor of [head, features, truth]) tensor.dispose();
  return arraysOfLayers(net, ({ name }) => (name === 'head' ? fitted : layers[name]!.data));
}
