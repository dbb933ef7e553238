import {
  logSoftmax,
  oneHot,
  type Scalar,
  type Tensor,
  type Tensor1D,
  tensor1d,
  tidy,
  valueAndGrad,
} from '@tensorflow/tfjs-core';
import { lenet5 } from '../models/lenet5.ts';
import { imageTensor, type LabelledImages } from './labelled-images.ts';

/** Sum over the images of log p(label | image, weights), nats, and its gradient by the weights [61706]. */
export function logLikelihoodGradient(
  weights: Float64Array,
  images: LabelledImages,
): { readonly value: number; readonly gradient: Float64Array } {
  const [value, gradient] = tidy((): [Tensor, Tensor] => {
    const input = imageTensor(images);
    const truth = oneHot(tensor1d(images.labels, 'int32'), 10);
    const objective = (flat: Tensor1D): Scalar => logSoftmax(lenet5(flat, input).logits).mul(truth).sum();
    const { value, grad } = valueAndGrad((flat) => objective(flat as Tensor1D))(tensor1d(Float32Array.from(weights)));
    return [value, grad];
  });
  const found = { value: value.dataSync()[0]!, gradient: Float64Array.from(gradient.dataSync<'float32'>()) };
  value.dispose();
  gradient.dispose();
  return found;
}

const blockSize = 2000;

/** Class probabilities [count, 10] and features [count, 84] of each image by itself. */
export function classify(
  weights: Float64Array,
  images: LabelledImages,
): { readonly probabilities: Float32Array; readonly features: Float32Array } {
  const count = images.labels.length;
  const probabilities = new Float32Array(count * 10);
  const features = new Float32Array(count * 84);
  for (let start = 0; start < count; start += blockSize) {
    tidy(() => {
      const stop = Math.min(count, start + blockSize);
      const block = {
        pixels: images.pixels.subarray(start * 784, stop * 784),
        labels: images.labels.subarray(start, stop),
      };
      const found = lenet5(tensor1d(Float32Array.from(weights)), imageTensor(block));
      probabilities.set(logSoftmax(found.logits).exp().dataSync<'float32'>(), start * 10);
      features.set(found.features.dataSync<'float32'>(), start * 84);
    });
  }
  return { probabilities, features };
}
