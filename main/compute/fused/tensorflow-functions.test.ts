import { grad, grads, memory, randomNormal, randomUniform, type Tensor, type Tensor5D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { composedFunctions, type FusedFunctions } from '../../numerics/tensors/fused/fused-functions.ts';
import { derive, rootKey } from '../../numerics/tensors/random.ts';
import { tensorflowFunctions } from './tensorflow-functions.ts';

const there = useTensorflow();

const largestDifference = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().dataSync()[0]!;

describe.skipIf(!there)('TensorFlow forms equal the composed ones', () => {
  for (const name of ['normaliseAndActivate', 'upsample'] as const)
    for (const shape of [
      [1, 5, 6, 7, 3],
      [2, 2, 4, 3, 8],
      [1, 1, 1, 2, 4],
    ] as [number, number, number, number, number][])
      it(`${name} of [${shape}] in value and gradient`, () => {
        const x = randomNormal(shape, 1, 2, 'float32', 7) as Tensor5D;
        const [fast, slow] = [tensorflowFunctions[name], composedFunctions[name]];
        const weights = randomNormal(slow(x).shape, 0, 1, 'float32', 8);
        expect(largestDifference(fast(x), slow(x))).toBeLessThan(2e-5);
        const gradientOf = (f: (x: Tensor5D) => Tensor) =>
          grad((x: Tensor) =>
            f(x as Tensor5D)
              .mul(weights)
              .sum(),
          )(x);
        expect(largestDifference(gradientOf(fast), gradientOf(slow))).toBeLessThan(2e-4);
      });

  const layer = {
    x: randomNormal([1, 5, 6, 7, 3], 1, 2, 'float32', 11) as Tensor5D,
    mean: randomNormal([3, 3, 3, 3, 4], 0, 0.3, 'float32', 12) as Tensor5D,
    variance: randomUniform([3, 3, 3, 3, 4], 0.01, 0.1, 'float32', 13) as Tensor5D,
    noise: randomNormal([1, 5, 6, 7, 4], 0, 1, 'float32', 14) as Tensor5D,
  };
  const weights = randomNormal([1, 5, 6, 7, 4], 0, 1, 'float32', 15);
  const convolutions: Record<string, (functions: FusedFunctions) => (...inputs: Tensor[]) => Tensor> = {
    normalisedConvolution:
      (functions) =>
      (x, mean): Tensor =>
        functions.normalisedConvolution(x as Tensor5D, mean as Tensor5D),
    normalisedLocalReparameterisation:
      (functions) =>
      (x, mean, variance): Tensor =>
        functions.normalisedLocalReparameterisation(x as Tensor5D, {
          mean: mean as Tensor5D,
          variance: variance as Tensor5D,
          noise: layer.noise,
          stride: 1,
        }),
  };
  for (const [name, of] of Object.entries(convolutions))
    it(`${name} in value and in the gradient of each input`, () => {
      const inputs = name === 'normalisedConvolution' ? [layer.x, layer.mean] : [layer.x, layer.mean, layer.variance];
      const [fast, slow] = [of(tensorflowFunctions), of(composedFunctions)];
      expect(largestDifference(fast(...inputs), slow(...inputs))).toBeLessThan(2e-5);
      const gradientsOf = (f: (...inputs: Tensor[]) => Tensor) =>
        grads((...x: Tensor[]) =>
          f(...x)
            .mul(weights)
            .sum(),
        )(inputs);
      const [found, expected] = [gradientsOf(fast), gradientsOf(slow)];
      for (const [n, gradient] of expected.entries()) {
        const size = gradient.abs().max().dataSync()[0]!;
        expect(size).toBeGreaterThan(0.1);
        expect(largestDifference(found[n]!, gradient) / size).toBeLessThan(1e-5);
      }
    });

  it('leave no tensor behind', () => {
    const x = randomNormal([1, 4, 4, 4, 2]) as Tensor5D;
    const filter = randomNormal([3, 3, 3, 2, 2]) as Tensor5D;
    const run = () => {
      const g = grad((x: Tensor) =>
        tensorflowFunctions
          .upsample(
            tensorflowFunctions.normalisedConvolution(tensorflowFunctions.normaliseAndActivate(x as Tensor5D), filter),
          )
          .sum(),
      )(x);
      g.dispose();
      tensorflowFunctions.gaussianNoise(rootKey(1), [10]).dispose();
    };
    run();
    const before = memory().numTensors;
    run();
    expect(memory().numTensors).toBe(before);
  });

  it('gaussianNoise depends on the key alone and has the moments of a standard normal', () => {
    const draw = (seed: number) => tensorflowFunctions.gaussianNoise(derive(rootKey(seed), 'x'), [200_000]);
    const [a, again, other] = [draw(3), draw(3), draw(4)];
    expect(largestDifference(a, again)).toBe(0);
    expect(largestDifference(a, other)).toBeGreaterThan(1);
    const standardError = 1 / Math.sqrt(200_000);
    expect(Math.abs(a.mean().dataSync()[0]!)).toBeLessThan(5 * standardError);
    expect(Math.abs(a.square().mean().dataSync()[0]! - 1)).toBeLessThan(5 * Math.SQRT2 * standardError);
    expect(Math.abs(a.mul(other).mean().dataSync()[0]!)).toBeLessThan(5 * standardError);
  });
});
