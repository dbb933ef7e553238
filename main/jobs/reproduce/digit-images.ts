import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { AppError } from '../../../contract/errors/app-error.ts';
import { decodeIdx, type IdxArray } from '../../imaging/idx/decode-idx.ts';
import { derive, rootKey, shuffled } from '../../numerics/tensors/random.ts';
import type { ResultFolders } from '../result-ports.ts';

/** Grey images of ten classes, 0 to 255, row by row; `order` chooses among them. */
export interface DigitImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  /** Pixels an image. */
  readonly size: number;
}

/** Training, validation and test images: 50,000, 10,000 and 10,000, the split of the training files the same for every seed. */
export interface DigitSplits {
  readonly training: DigitImages;
  readonly validation: DigitImages;
  readonly test: DigitImages;
}

export type DigitData = 'mnist' | 'fashion';

/** Where Debian's package dataset-fashion-mnist puts its files. */
const systemFolders = { mnist: '/usr/share/datasets/mnist', fashion: '/usr/share/datasets/fashion-mnist' } as const;
const validationShare = 1 / 6;

/**
 * Reads MNIST or Fashion-MNIST as four idx files, gzip or not, from the first of some folders that has them.
 * @throws AppError `reproduce/no-images`, `idx/invalid`
 */
export async function readDigits(
  results: ResultFolders,
  data: DigitData,
  folders: readonly string[],
): Promise<DigitSplits> {
  const places = [...folders, systemFolders[data]];
  const read = async (name: string): Promise<IdxArray> => {
    for (const folder of places) {
      for (const ending of ['', '.gz']) {
        const bytes = await results.readBytes(`${folder}/${name}${ending}`);
        if (bytes) return decodeIdx(bytes, `${name}${ending}`);
      }
    }
    throw new AppError('reproduce/no-images', { data, missing: name, places: places.join(', ') });
  };
  const pair = async (part: string): Promise<DigitImages> => {
    const [images, labels] = [await read(`${part}-images-idx3-ubyte`), await read(`${part}-labels-idx1-ubyte`)];
    const [count, height, width] = images.shape;
    if (images.shape.length !== 3 || labels.shape.length !== 1 || labels.shape[0] !== count)
      throw new AppError('idx/invalid', { name: part, reason: 'images and labels do not fit together' });
    return { pixels: images.values, labels: labels.values, size: height! * width! };
  };
  const all = await pair('train');
  const order = shuffled(derive(rootKey(0), 'validation'), all.labels.length);
  const held = Math.round(validationShare * order.length);
  return {
    training: chooseImages(all, order.slice(held)),
    validation: chooseImages(all, order.slice(0, held)),
    test: await pair('t10k'),
  };
}

/** Some of the images, in the order given. */
export function chooseImages({ pixels, labels, size }: DigitImages, chosen: readonly number[]): DigitImages {
  const kept = new Uint8Array(chosen.length * size);
  for (const [place, n] of chosen.entries()) kept.set(pixels.subarray(n * size, (n + 1) * size), place * size);
  return { pixels: kept, labels: Uint8Array.from(chosen, (n) => labels[n]!), size };
}

export const countImages = ({ labels }: DigitImages): number => labels.length;

/** The images of some classes; with `each`, that many of each at most, the first ones: MNIST's test file begins with the harder ones, so shuffle what stands for all. */
export function ofClasses(
  images: DigitImages,
  classes: readonly number[],
  each = Number.POSITIVE_INFINITY,
): DigitImages {
  const found = new Map<number, number>(classes.map((label) => [label, 0]));
  const chosen = Array.from(images.labels.keys()).filter((n) => {
    const count = found.get(images.labels[n]!);
    if (count === undefined || count >= each) return false;
    found.set(images.labels[n]!, count + 1);
    return true;
  });
  return chooseImages(images, chosen);
}

/** Grey levels in [0, 1] of images by number; all where none are given. */
export function greyLevels({ pixels, size }: DigitImages, chosen?: ArrayLike<number>): Float32Array {
  if (!chosen) return Float32Array.from(pixels, (value) => value / 255);
  const values = new Float32Array(chosen.length * size);
  for (let place = 0; place < chosen.length; place++) {
    const from = chosen[place]! * size;
    for (let p = 0; p < size; p++) values[place * size + p] = pixels[from + p]! / 255;
  }
  return values;
}

/** The same as a tensor [N, size]; the caller disposes it. */
export const imageTensor = (images: DigitImages, chosen?: ArrayLike<number>): Tensor2D =>
  tensor2d(greyLevels(images, chosen), [chosen?.length ?? countImages(images), images.size]);
