import { tensor2d } from '@tensorflow/tfjs-core';
import { describe, expect, it, test } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { denseOf, encodeImages, type MlpVaeShape, mlpVaeStart } from '../models/mlp-vae.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { toTensors } from '../tensors/tensor-record.ts';
import { encodeOnHost, imageGradient } from './host-encoder.ts';

const key = rootKey(31);
const shape: MlpVaeShape = { pixels: 20, width: 16, latent: 4, logVarianceRange: [-0.1, 0.1] };
const encoder = { shape, weights: mlpVaeStart(shape, key) };
const image = Float32Array.from(uniforms(derive(key, 'image'), shape.pixels));

describe.skipIf(!useTensorflow())('the encoder in plain loops', () => {
  it('equals the one of tensors', () => {
    const code = encodeImages(shape, denseOf(toTensors(encoder.weights)), tensor2d(image, [1, shape.pixels]));
    const plain = encodeOnHost(encoder, image);
    for (let d = 0; d < shape.latent; d++) {
      expect(plain.mean[d]).toBeCloseTo(code.mean.dataSync()[d]!, 5);
      expect(plain.logVariance[d]).toBeCloseTo(code.logVariance.dataSync()[d]!, 5);
    }
  });
});

test('its gradient is that of finite differences, and nothing passes a clamped log-variance', () => {
  const byMean = normals(derive(key, 'mean'), shape.latent);
  const byLogVariance = normals(derive(key, 'spread'), shape.latent);
  const value = (at: Float32Array): number => {
    const { mean, logVariance } = encodeOnHost(encoder, at);
    const terms = mean.map((one, d) => byMean[d]! * one + byLogVariance[d]! * logVariance[d]!);
    return terms.reduce((sum, term) => sum + term, 0);
  };
  const code = encodeOnHost(encoder, image);
  expect(code.free.includes(0) && code.free.includes(1)).toBe(true); // both kinds are tried
  const gradient = imageGradient(encoder, code, { mean: byMean, logVariance: byLogVariance });
  const step = 1e-3;
  for (let p = 0; p < shape.pixels; p++) {
    const moved = (by: number) => image.map((one, at) => (at === p ? one + by : one));
    const slope = (value(moved(step)) - value(moved(-step))) / (2 * step);
    expect(Math.abs(gradient[p]! - slope)).toBeLessThan(2e-3);
  }
});
