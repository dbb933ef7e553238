import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { randomArrays } from '../models/unet-weights.ts';
import { drawWeights, type WeightPosterior } from '../posteriors/weight-posterior.ts';
import { blendingProfile, extractPatch, patchCorners, patchStarts } from '../tensors/patches.ts';
import { normals, rootKey } from '../tensors/random.ts';
import { predictPosterior } from './posterior-prediction.ts';
import { predictSample } from './predict-sample.ts';

const net: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 3 };
const breathe = async () => {};

describe('patches', () => {
  it('cover every voxel with the overlap asked for', () => {
    for (const [length, side] of [
      [40, 16],
      [41, 16],
      [17, 16],
      [16, 16],
      [10, 16],
    ] as const) {
      const starts = patchStarts(length, side, 0.25);
      expect(starts[0]).toBe(0);
      expect(Math.max(...starts) + side).toBeGreaterThanOrEqual(length);
      for (const [n, start] of starts.slice(1).entries())
        expect(start - starts[n]!).toBeLessThanOrEqual(Math.ceil(side * 0.75));
    }
    expect(patchCorners([20, 8, 8], [8, 8, 8], 0.5).length).toBe(4);
  });

  it('repeat the edge beyond the volume', () => {
    expect([...extractPatch(Float32Array.of(1, 2), [1, 1, 2], [0, 0, 0], [1, 1, 4], 1)]).toEqual([1, 2, 2, 2]);
    expect(Math.min(...blendingProfile(32))).toBeGreaterThan(0);
  });
});

describe.skipIf(!useTensorflow())('predictSample', () => {
  const size = [20, 24, 18] as const;
  const image = Float32Array.from(normals(rootKey(1), 20 * 24 * 18));

  it('gives probabilities, leaks nothing, and patches agree with the whole away from their edges in sum', async () => {
    const posterior = { kind: 'point', weights: randomArrays(net, rootKey(2)) } as const;
    const weights = drawWeights(net, posterior, 0, rootKey(3));
    const network = { net, weights, foregroundLogit: 0 };
    const before = memory().numTensors;
    const whole = await predictSample(network, { image, size, patch: [24, 24, 24], overlap: 0.25 }, breathe);
    const parts = await predictSample(network, { image, size, patch: [16, 16, 16], overlap: 0.5 }, breathe);
    expect(memory().numTensors).toBe(before);
    for (const probability of [whole, parts])
      for (let v = 0; v < probability.length / 3; v++)
        expect(probability[3 * v]! + probability[3 * v + 1]! + probability[3 * v + 2]!).toBeCloseTo(1, 4);
    weights.kernels.dispose();
    weights.points.dispose();
  });

  it("moves the foreground's border by a logit, and a posterior's samples by the deviation of it; a temperature divides logits; a point estimate stays", async () => {
    const input = { image, size, patch: [24, 24, 24], overlap: 0.25 } as const;
    const weights = randomArrays(net, rootKey(2));
    const mean = {
      kind: 'gaussian',
      mean: weights,
      logVariance: new Float32Array(weights.kernels.length).fill(-40),
    } as const;
    const drawn = drawWeights(net, mean, 0, rootKey(3));
    const foreground = async (foregroundLogit: number) => {
      const probability = await predictSample({ net, weights: drawn, foregroundLogit }, input, breathe);
      return probability.map((p, n) => (n % 3 === 0 ? Math.log((1 - p) / p) : 0)).filter((_, n) => n % 3 === 0);
    };
    const [own, wider] = [await foreground(0), await foreground(1.5)];
    for (let v = 0; v < 100; v++) expect(wider[v]! - own[v]!).toBeCloseTo(1.5, 2);
    const classLogits = async (temperature: number) => {
      const probability = await predictSample({ net, weights: drawn, foregroundLogit: 0, temperature }, input, breathe);
      return Array.from({ length: 100 }, (_, v) => Math.log(probability[3 * v + 2]! / probability[3 * v]!));
    };
    const [sure, unsure] = [await classLogits(1), await classLogits(2)];
    for (let v = 0; v < 100; v++) expect(unsure[v]!).toBeCloseTo(sure[v]! / 2, 2);
    for (const tensor of Object.values(drawn)) tensor.dispose();
    const volumes = async (posterior: WeightPosterior, borderDeviation: number) => {
      const sampling = { net, posterior, samples: 4, borderDeviation, key: rootKey(3), breathe };
      const { runs } = await predictPosterior(sampling, input);
      return new Set(runs.map((sample) => sample.reduce((sum, { voxelCount }) => sum + voxelCount, 0))).size;
    };
    expect(await volumes(mean, 0)).toBe(1);
    expect(await volumes(mean, 0.5)).toBe(4);
    expect(await volumes({ kind: 'point', weights }, 0.5)).toBe(1);
  });

  it('draws the same network for the same sample, another for the next', () => {
    const mean = randomArrays(net, rootKey(2));
    const posterior = { kind: 'gaussian', mean, logVariance: new Float32Array(mean.kernels.length).fill(-4) } as const;
    const draw = (sample: number) => drawWeights(net, posterior, sample, rootKey(9)).kernels.dataSync();
    const same = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.prototype.every.call(a, (x, n) => x === b[n]);
    expect(same(draw(1), draw(1))).toBe(true);
    expect(same(draw(1), draw(2))).toBe(false);
    const difference = Float64Array.from(draw(1), (w, n) => (w - mean.kernels[n]!) / Math.exp(-2));
    const variance = difference.reduce((sum, x) => sum + x * x, 0) / difference.length;
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / difference.length));
  });
});
