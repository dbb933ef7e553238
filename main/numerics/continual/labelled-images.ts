import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import { type RandomKey, shuffled } from '../tensors/random.ts';

/** Grey images of 28 x 28, values 0 to 255 row by row, with their classes. */
export interface LabelledImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Pixels of an image. */
export const imagePixels = 28 * 28;

/** The images that `keep` says, in their order. */
export function selectImages(images: LabelledImages, keep: (label: number, index: number) => boolean): LabelledImages {
  const chosen = Array.from(images.labels.keys()).filter((n) => keep(images.labels[n]!, n));
  return gatherImages(images, chosen);
}

export function gatherImages({ pixels, labels }: LabelledImages, chosen: readonly number[]): LabelledImages {
  const gathered = new Uint8Array(chosen.length * imagePixels);
  for (const [place, n] of chosen.entries())
    gathered.set(pixels.subarray(n * imagePixels, (n + 1) * imagePixels), place * imagePixels);
  return { pixels: gathered, labels: Uint8Array.from(chosen, (n) => labels[n]!) };
}

/** Brightness 0 to 1, [count, 28, 28, 1]; the caller disposes it. */
export function imageTensor({ pixels, labels }: LabelledImages): Tensor4D {
  return tensor4d(
    Float32Array.from(pixels, (value) => value / 255),
    [labels.length, 28, 28, 1],
  );
}

/** A random order of each epoch's images, cut into batches; the last, shorter one is left out where there are others. */
export function batchesOf(count: number, batch: number, key: RandomKey): readonly (readonly number[])[] {
  const order = shuffled(key, count);
  const whole = Math.max(1, Math.floor(count / batch));
  return Array.from({ length: whole }, (_, n) => order.slice(n * batch, (n + 1) * batch));
}
