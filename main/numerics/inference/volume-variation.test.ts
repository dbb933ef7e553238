import { conv3d, scalar, type Tensor5D, tensor5d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { convolveWithNoise } from '../training/local-reparameterisation.ts';

const samples = 60;

/** A texture that repeats every 16 voxels, so that every size holds the same pattern. */
const texture = (side: number): Tensor5D => {
  const tile = normals(rootKey(5), 16 ** 3);
  const values = new Float32Array(side ** 3);
  for (let d = 0, n = 0; d < side; d++)
    for (let h = 0; h < side; h++)
      for (let w = 0; w < side; w++) values[n++] = tile[((d % 16) * 16 + (h % 16)) * 16 + (w % 16)]!;
  return tensor5d(values, [1, side, side, side, 1]);
};

const variation = (volumes: readonly number[]): number => {
  const mean = volumes.reduce((sum, value) => sum + value, 0) / volumes.length;
  return Math.sqrt(volumes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (volumes.length - 1)) / mean;
};

describe.skipIf(!useTensorflow())('the volume of a sampled segmentation', () => {
  const filter = tensor5d(
    Float32Array.from(normals(rootKey(6), 27), (x) => 0.2 * x),
    [3, 3, 3, 1, 1],
  );
  const spread = filter.onesLike().mul(scalar(0.01)) as Tensor5D;
  const volumeOf = (draw: (x: Tensor5D, sample: number) => Tensor5D, side: number) => {
    const x = texture(side);
    const volumes = Array.from({ length: samples }, (_, sample) =>
      tidy(() => draw(x, sample).add(scalar(0.3)).greater(scalar(0)).toFloat().sum().dataSync()[0]!),
    );
    x.dispose();
    return variation(volumes);
  };
  const wholeWeights = (x: Tensor5D, sample: number) =>
    conv3d(
      x,
      filter.add(spread.sqrt().mul(fused().gaussianNoise(derive(rootKey(7), sample), filter.shape))) as Tensor5D,
      1,
      'same',
    );
  const perVoxel = (x: Tensor5D, sample: number) =>
    convolveWithNoise({ layer: filter }, { layer: spread }, derive(rootKey(8), sample)).convolve('layer', x, 1);

  it('varies as much in a large scan as in a small one when a sample is one whole weight set', () => {
    const [small, large] = [volumeOf(wholeWeights, 16), volumeOf(wholeWeights, 64)];
    expect(large / small).toBeGreaterThan(0.7);
    expect(large / small).toBeLessThan(1.4);
  });

  it('would look certain in a large scan if noise were drawn per voxel', () => {
    expect(volumeOf(perVoxel, 64) / volumeOf(perVoxel, 16)).toBeLessThan(0.3);
  });
});
