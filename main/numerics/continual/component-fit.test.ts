import { describe, expect, test } from 'vitest';
import { straightEncoder } from '../../../tests/straight-encoder.ts';
import { mlpVaeStart } from '../models/mlp-vae.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { componentLoss, fitComponent } from './component-fit.ts';
import { type DiagonalMixture, prepareMixture } from './diagonal-mixture.ts';
import { imageEncoder } from './input-encoder.ts';

const key = rootKey(41);

const gaussian = (mean: readonly number[], deviation: number): DiagonalMixture => ({
  dimensions: mean.length,
  logWeights: new Float64Array(1),
  mean: Float64Array.from(mean),
  logVariance: new Float64Array(mean.length).fill(2 * Math.log(deviation)),
});

describe('the loss of a component', () => {
  const shape = { pixels: 15, width: 12, latent: 3, logVarianceRange: [-6, 2] } as const;
  const encoder = imageEncoder({ shape, weights: mlpVaeStart(shape, key) });
  const many = (name: string): DiagonalMixture => ({
    dimensions: 3,
    logWeights: new Float64Array(6).fill(-Math.log(6)),
    mean: normals(derive(key, name, 'mean'), 18),
    logVariance: normals(derive(key, name, 'spread'), 18),
  });
  const target = { encoder, aggregate: prepareMixture(many('aggregate')), mixture: prepareMixture(many('mixture')) };
  const input = Float32Array.from(uniforms(derive(key, 'input'), shape.pixels));

  test.each([1, 0.5])('has the gradient of finite differences (lambda %d)', (lambda) => {
    const settings = { draws: 6, lambda };
    const at = (image: Float32Array) => componentLoss(image, target, settings, derive(key, 'draws')).loss;
    const { gradient } = componentLoss(input, target, settings, derive(key, 'draws'));
    const step = 1e-3;
    for (let p = 0; p < shape.pixels; p++) {
      const moved = (by: number) => input.map((value, n) => (n === p ? value + by : value));
      const slope = (at(moved(step)) - at(moved(-step))) / (2 * step);
      expect(Math.abs(gradient[p]! - slope)).toBeLessThan(2e-3 + 0.01 * Math.abs(slope));
    }
  });
});

describe('a fitted component', () => {
  const settings = { steps: 2000, rate: 1e-2, draws: 4, lambda: 1, window: 100, tolerance: 1e-3 };
  const encoder = imageEncoder(straightEncoder(8, 0.5));
  const codeOf = (input: Float32Array) => Array.from(encoder.encode(input).mean);
  // p* is two blobs of the width of q, the mixture so far lies on the first and has a broad floor
  const aggregate = prepareMixture({
    dimensions: 2,
    logWeights: new Float64Array(2).fill(-Math.log(2)),
    mean: Float64Array.of(-2, -2, 2, 1),
    logVariance: new Float64Array(4).fill(2 * Math.log(0.5)),
  });
  const found = (lambda: number) => {
    const mixture = prepareMixture({
      dimensions: 2,
      logWeights: Float64Array.of(0.8, 0.2).map(Math.log),
      mean: Float64Array.of(-2, -2, 0, 0),
      logVariance: Float64Array.of(0.5, 0.5, 4, 4).map((deviation) => 2 * Math.log(deviation)),
    });
    const target = { encoder, aggregate, mixture };
    return fitComponent(Float32Array.of(0.6, 0.5), target, { ...settings, lambda }, derive(key, 'fit'));
  };

  test('goes where the mixture is missing, and its loss is what the densities say', () => {
    const { input, loss } = found(1);
    const [x, y] = codeOf(input);
    expect(Math.hypot(x! - 2, y! - 1)).toBeLessThan(0.35);
    // at the blob: E_h log h - log p* = log 2, E_h log p = log 0.2 + that of the floor
    expect(loss).toBeLessThan(Math.log(2) - 2.5);
  });

  test('stays within the range of the data', () => {
    const far = {
      encoder,
      aggregate: prepareMixture(gaussian([9, 0], 0.5)),
      mixture: prepareMixture(gaussian([0, 0], 3)),
    };
    const { input } = fitComponent(Float32Array.of(0.6, 0.5), far, settings, derive(key, 'far'));
    expect(input[0]).toBe(1);
    expect(Math.max(...input, ...input.map((value) => 1 - value))).toBeLessThanOrEqual(1);
  });

  test('depends on its key alone', () => expect(found(1).input).toEqual(found(1).input));
});
