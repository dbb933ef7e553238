import { memory, oneHot, type Tensor5D, tensor1d, tensor5d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { layersOfArrays, randomArrays } from '../models/unet-weights.ts';
import { normals, rootKey } from '../tensors/random.ts';
import { disposeRecord } from '../tensors/tensor-record.ts';
import { fitHead, type HeadVoxels, headVoxels } from './fit-head.ts';
import { segmentationGradient } from './segmentation-gradient.ts';
import { tensorsOf } from './start-weights.ts';

const there = useTensorflow();
const net: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 3 };
const side = 16;
const voxels = side ** 3;

/** Slabs of three structures that differ in brightness. */
const example = (seed: number) => {
  const labels = Int32Array.from({ length: voxels }, (_, n) => Math.floor(n / 256) % 3);
  const noise = normals(rootKey(seed), voxels);
  return {
    image: tensor5d(
      Float32Array.from(labels, (label, n) => label + 0.2 * noise[n]!),
      [1, side, side, side, 1],
    ),
    truth: tidy(() => oneHot(tensor1d(labels, 'int32'), 3).toFloat().reshape([1, side, side, side, 3]) as Tensor5D),
  };
};

describe.skipIf(!there)('a head that is fitted', () => {
  it('tells structures apart on images that it was not fitted to, moves no other layer and holds no tensor', () => {
    const arrays = randomArrays(net, rootKey(1));
    const before = memory().numTensors;
    const weights = tensorsOf(net, arrays);
    const read: HeadVoxels[] = [1, 2].map((seed) => {
      const one = example(seed);
      const found = headVoxels(net, weights, one, rootKey(seed));
      disposeRecord(one);
      return found;
    });
    expect(read.map(({ features }) => features.shape)).toEqual([
      [4096, 16],
      [4096, 16],
    ]);
    const fitted = fitHead(net, arrays, read);
    const layers = [layersOfArrays(net, arrays), layersOfArrays(net, fitted)] as const;
    for (const name of Object.keys(layers[0])) {
      const same = layers[0][name]!.data.every((x, n) => x === layers[1][name]!.data[n]);
      expect(same, name).toBe(name !== 'head');
    }
    const lossOf = (start: typeof arrays) => {
      const [unseen, at] = [example(3), tensorsOf(net, start)];
      const { loss, kernels, points } = segmentationGradient(net, at, unseen, 0);
      const value = loss.dataSync()[0]!;
      disposeRecord({ ...unseen, ...at, loss, gradient: kernels, points2: points });
      return value;
    };
    expect(lossOf(arrays)).toBeGreaterThan(0.9);
    expect(lossOf(fitted)).toBeLessThan(0.5);
    disposeRecord(weights);
    for (const one of read) disposeRecord({ ...one });
    expect(memory().numTensors).toBe(before);
  });
});
