import { memory, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { bernoulliLogLikelihood, decodeLogits, denseOf, type MlpVaeShape, mlpVaeStart } from '../models/mlp-vae.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { toTensors } from '../tensors/tensor-record.ts';
import { importanceLogLikelihood } from './importance-likelihood.ts';
import { mixtureLogDensity, mixtureTensors } from './mixture-tensors.ts';

const key = rootKey(71);
const [pixels, latent, images] = [10, 2, 4];
const shape: MlpVaeShape = { pixels, width: 12, latent, logVarianceRange: [-6, 2] };

describe.skipIf(!useTensorflow())('importance-sampled log-likelihood', () => {
  const start = mlpVaeStart(shape, key);
  // a decoder that uses its codes: the posterior is then no longer the prior
  const weights = toTensors({
    ...start,
    'decoder/1/kernel': { ...start['decoder/1/kernel']!, data: start['decoder/1/kernel']!.data.map((w) => 3 * w) },
  });
  const prior = mixtureTensors({
    dimensions: latent,
    logWeights: Float64Array.of(0.3, 0.7).map(Math.log),
    mean: Float64Array.of(-1, 0.5, 1, 0),
    logVariance: Float64Array.of(-1, 0, 0.2, -0.5),
  });
  const x = tensor2d(Float32Array.from(uniforms(derive(key, 'images'), images * pixels)), [images, pixels]);
  const noise = (draws: number, name: string) =>
    tensor2d(Float32Array.from(normals(derive(key, name), images * draws * latent)), [images * draws, latent]);

  /** log of the integral of p(x|z) p(z) over a fine grid of z. */
  function integrated(): Float64Array {
    const [side, half] = [240, 6];
    const step = (2 * half) / side;
    const grid = Float32Array.from({ length: 2 * side * side }, (_, n) => {
      const place = n >> 1;
      return -half + step * (0.5 + (n % 2 === 0 ? place % side : Math.floor(place / side)));
    });
    const z = tensor2d(grid, [side * side, 2]);
    const [logits, density] = tidy(() => [decodeLogits(denseOf(weights), z), mixtureLogDensity(prior, z)]) as [
      Tensor2D,
      Tensor2D,
    ]; // two tensors were given
    return Float64Array.from({ length: images }, (_, n) => {
      const one = x.slice([n, 0], [1, pixels]).tile([side * side, 1]) as Tensor2D;
      const values = bernoulliLogLikelihood(logits, one).add(density).dataSync<'float32'>();
      const greatest = values.reduce((most, value) => Math.max(most, value));
      return greatest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - greatest) * step ** 2, 0));
    });
  }

  it('agrees with numerical integration, within four standard errors and 0.01 nats', () => {
    const expected = integrated();
    const repeats = Array.from({ length: 20 }, (_, n) =>
      importanceLogLikelihood({ shape, weights, prior }, x, noise(1000, `noise ${n}`)).dataSync(),
    );
    for (let n = 0; n < images; n++) {
      const own = repeats.map((values) => values[n]!);
      const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
      const error = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / own.length;
      expect(Math.abs(mean - expected[n]!)).toBeLessThan(4 * error + 1e-3);
      expect(error).toBeLessThan(0.01);
    }
  });

  it('rises with the number of draws, and one draw is the evidence bound: in the mean below the integral', () => {
    const expected = integrated().reduce((sum, value) => sum + value, 0) / images;
    const mean = (draws: number) => {
      const repeats = Array.from({ length: 400 }, (_, n) =>
        importanceLogLikelihood({ shape, weights, prior }, x, noise(draws, `${draws} draws ${n}`))
          .mean()
          .dataSync(),
      );
      return repeats.reduce((sum, [value]) => sum + value!, 0) / repeats.length;
    };
    const [one, ten] = [mean(1), mean(10)];
    expect(one).toBeLessThan(ten);
    expect(ten).toBeLessThan(expected + 0.01);
  });

  it('leaves one tensor', () => {
    const draws = noise(10, 'few');
    const before = memory().numTensors;
    const value = importanceLogLikelihood({ shape, weights, prior }, x, draws);
    expect(value.shape).toEqual([images]);
    value.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
