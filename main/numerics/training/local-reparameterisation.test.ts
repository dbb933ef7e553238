import { conv3d, randomNormal, randomUniform, stack, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, rootKey } from '../tensors/random.ts';
import { convolveWithNoise } from './local-reparameterisation.ts';

const draws = 1500;

describe.skipIf(!useTensorflow())('local reparameterisation', () => {
  const x = randomUniform([1, 4, 4, 4, 2], 0.2, 1.2, 'float32', 1) as Tensor5D;
  const mean = randomNormal([3, 3, 3, 2, 2], 0, 0.3, 'float32', 2) as Tensor5D;
  const variance = randomUniform([3, 3, 3, 2, 2], 0.01, 0.1, 'float32', 3) as Tensor5D;
  const byActivation = (draw: number) =>
    convolveWithNoise({ layer: mean }, { layer: variance }, derive(rootKey(1), draw)).convolve('layer', x, 1);
  const byWeights = (draw: number) =>
    conv3d(
      x,
      mean.add(variance.sqrt().mul(fused().gaussianNoise(derive(rootKey(2), draw), mean.shape))) as Tensor5D,
      1,
      'same',
    );
  const momentsOf = (draw: (n: number) => Tensor5D) => {
    const values = stack(Array.from({ length: draws }, (_, n) => draw(n)));
    const centre = values.mean(0);
    return {
      mean: centre.dataSync(),
      variance: values
        .sub(centre)
        .square()
        .sum(0)
        .div(draws - 1)
        .dataSync(),
      values,
    };
  };

  it('has the mean and variance of weight sampling at every voxel, but not its correlation', () => {
    const [activation, weights] = [momentsOf(byActivation), momentsOf(byWeights)];
    let [meanExcess, varianceExcess] = [0, 0];
    for (let n = 0; n < activation.mean.length; n++) {
      const spread = (activation.variance[n]! + weights.variance[n]!) / 2;
      meanExcess = Math.max(
        meanExcess,
        Math.abs(activation.mean[n]! - weights.mean[n]!) / Math.sqrt((2 * spread) / draws),
      );
      varianceExcess = Math.max(
        varianceExcess,
        Math.abs(activation.variance[n]! - weights.variance[n]!) / (2 * spread * Math.sqrt(1 / draws)),
      );
    }
    expect(meanExcess).toBeLessThan(5); // standard errors, the largest of 128
    expect(varianceExcess).toBeLessThan(5);
    const meanVolumeVariance = (values: typeof weights.values) => {
      const sums = values.reshape([draws, 128]).mean(1);
      return sums.sub(sums.mean()).square().mean().dataSync()[0]!;
    };
    expect(meanVolumeVariance(weights.values)).toBeGreaterThan(2 * meanVolumeVariance(activation.values));
  });
});
