import { grad, memory, type Tensor, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { toTensors } from '../tensors/tensor-record.ts';
import {
  bernoulliLogLikelihood,
  decodeLogits,
  denseOf,
  drawCodes,
  encodeImages,
  gaussianDivergence,
  gaussianLogDensity,
  type MlpVaeShape,
  mlpVaeStart,
  sumOfSoftplus,
} from './mlp-vae.ts';

const key = rootKey(21);
const shape: MlpVaeShape = { pixels: 12, width: 8, latent: 3, logVarianceRange: [-6, 2] };
const drawn = (name: string, rows: number, columns: number, scale = 1) =>
  tensor2d(
    Float32Array.from(normals(derive(key, name), rows * columns), (x) => scale * x),
    [rows, columns],
  );

describe.skipIf(!useTensorflow())('an MLP VAE', () => {
  const images = tensor2d(Float32Array.from(uniforms(derive(key, 'images'), 5 * shape.pixels)), [5, shape.pixels]);

  it('codes and decodes the stated shapes and clamps the log-variance', () => {
    const dense = denseOf(toTensors(mlpVaeStart(shape, key)));
    const code = encodeImages({ ...shape, logVarianceRange: [-0.01, 0.01] }, dense, images);
    expect(code.mean.shape).toEqual([5, shape.latent]);
    expect(Math.max(...code.logVariance.abs().dataSync())).toBeLessThanOrEqual(0.0100001);
    expect(decodeLogits(dense, code.mean).shape).toEqual([5, shape.pixels]);
  });

  it('has the Bernoulli log-likelihood of the plain formula, also at large logits', () => {
    const logits = drawn('logits', 5, shape.pixels, 20);
    const [l, x] = [logits.dataSync(), images.dataSync()];
    const found = bernoulliLogLikelihood(logits, images).dataSync();
    for (let n = 0; n < 5; n++) {
      let sum = 0;
      for (let p = 0; p < shape.pixels; p++) {
        const at = n * shape.pixels + p;
        sum += x[at]! * l[at]! - (Math.max(l[at]!, 0) + Math.log1p(Math.exp(-Math.abs(l[at]!))));
      }
      expect(found[n]!).toBeCloseTo(sum, 3);
    }
  });

  it('adds up softplus over any number of columns, of any size', () => {
    for (const columns of [1, 2, 121, 127, 784]) {
      for (const scale of [0, 1, 100]) {
        const logits = drawn(`softplus ${columns}`, 2, columns, scale);
        const values = logits.dataSync<'float32'>();
        const found = sumOfSoftplus(logits).dataSync();
        for (let row = 0; row < 2; row++) {
          const own = values.slice(row * columns, (row + 1) * columns);
          const sum = own.reduce((total, l) => total + Math.max(l, 0) + Math.log1p(Math.exp(-Math.abs(l))), 0);
          expect(found[row]! / Math.max(1, sum)).toBeCloseTo(sum / Math.max(1, sum), 5);
        }
      }
    }
  });

  it('has the likelihood gradient of finite differences', () => {
    const logits = drawn('logits', 5, shape.pixels);
    const direction = drawn('direction', 5, shape.pixels);
    const at = (by: number) => bernoulliLogLikelihood(logits.add(direction.mul(by)) as Tensor2D, images).sum();
    const slope = (at(1e-2).dataSync()[0]! - at(-1e-2).dataSync()[0]!) / 2e-2;
    const gradient = grad((l: Tensor) => bernoulliLogLikelihood(l as Tensor2D, images).sum())(logits);
    expect(gradient.mul(direction).sum().dataSync()[0]).toBeCloseTo(slope, 2);
  });

  it('has a divergence that equals the mean log ratio over draws, within four standard errors', () => {
    const [first, second] = ['first', 'second'].map((name) => ({
      mean: drawn(`${name} mean`, 1, shape.latent),
      logVariance: drawn(`${name} spread`, 1, shape.latent, 0.5),
    })) as [Gaussian, Gaussian]; // two names were given
    const count = 50_000;
    const z = drawCodes(first, drawn('noise', count, shape.latent));
    const ratio = gaussianLogDensity(first, z).sub(gaussianLogDensity(second, z)).dataSync<'float32'>();
    const mean = ratio.reduce((sum, value) => sum + value, 0) / count;
    const variance = ratio.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    const exact = gaussianDivergence(first, second).dataSync()[0]!;
    expect(Math.abs(exact - mean)).toBeLessThan(4 * Math.sqrt(variance / count));
  });

  it('leaves nothing behind', () => {
    const weights = toTensors(mlpVaeStart(shape, key));
    const before = memory().numTensors;
    tidy(() => decodeLogits(denseOf(weights), encodeImages(shape, denseOf(weights), images).mean)).dispose();
    expect(memory().numTensors).toBe(before);
  });
});

type Gaussian = Parameters<typeof gaussianDivergence>[0];
