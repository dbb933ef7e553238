import { type Tensor4D, tensor4d } from '@tensorflow/tfjs-core';
import type { Rows } from '../posteriors/batch-log-density.ts';
import { type RandomKey, shuffled } from '../tensors/random.ts';

/** Grey images of 28 x 28, values 0 to 255 row by row, with their classes. */
export interface LabelledImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

const side = 28;
/** Pixels of an image. */
export const imagePixels = side * side;

/** Some of the images, in the order given. */
export function gatherImages({ pixels, labels }: LabelledImages, chosen: readonly number[]): LabelledImages {
  const gathered = new Uint8Array(chosen.length * imagePixels);
  for (const [place, n] of chosen.entries())
    gathered.set(pixels.subarray(n * imagePixels, (n + 1) * imagePixels), place * imagePixels);
  return { pixels: gathered, labels: Uint8Array.from(chosen, (n) => labels[n]!) };
}

/** By a plain loop: `from` with a function is many times slower, and every step passes here. */
function brightness(pixels: Uint8Array): Float32Array {
  const values = new Float32Array(pixels.length);
  for (let n = 0; n < values.length; n++) values[n] = pixels[n]! / 255;
  return values;
}

/** Brightness 0 to 1, [count, 28, 28, 1]; the caller disposes it. */
export const imageTensor = ({ pixels, labels }: LabelledImages): Tensor4D =>
  tensor4d(brightness(pixels), [labels.length, side, side, 1]);

/** Brightness 0 to 1 as rows [count, 784]. */
export const pixelRows = ({ pixels }: LabelledImages): Rows => ({
  values: brightness(pixels),
  dimensions: imagePixels,
});

/** Brightness of squares of 2 x 2 pixels as rows [count, 196]. */
export function pooledRows({ pixels, labels }: LabelledImages): Rows {
  const half = side / 2;
  const values = new Float32Array(labels.length * half * half);
  for (let n = 0; n < pixels.length; n++) {
    const [image, pixel] = [Math.floor(n / imagePixels), n % imagePixels];
    const [y, x] = [Math.floor(pixel / side), pixel % side];
    values[image * half * half + (y >> 1) * half + (x >> 1)]! += pixels[n]! / (4 * 255);
  }
  return { values, dimensions: half * half };
}

/** A random order of each epoch's images, cut into batches; the last, shorter one is left out where there are others. */
export function batchesOf(count: number, batch: number, key: RandomKey): readonly (readonly number[])[] {
  const order = shuffled(key, count);
  const whole = Math.max(1, Math.floor(count / batch));
  return Array.from({ length: whole }, (_, n) => order.slice(n * batch, (n + 1) * batch));
}
