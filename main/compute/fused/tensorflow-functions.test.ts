import {
  dispose,
  grad,
  grads,
  memory,
  oneHot,
  randomNormal,
  randomUniform,
  type Tensor,
  type Tensor5D,
  valueAndGrad,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import type { AdamMoments } from '../../numerics/tensors/fused/adam-update.ts';
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
    x: randomNormal([2, 5, 6, 7, 3], 1, 2, 'float32', 11) as Tensor5D,
    mean: randomNormal([3, 3, 3, 3, 4], 0, 0.3, 'float32', 12) as Tensor5D,
    variance: randomUniform([3, 3, 3, 3, 4], 0.01, 0.1, 'float32', 13) as Tensor5D,
    noise: randomNormal([2, 5, 6, 7, 4], 0, 1, 'float32', 14) as Tensor5D,
  };
  const weights = randomNormal([2, 5, 6, 7, 4], 0, 1, 'float32', 15);
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
          noise: layer.noise.slice([0, 0, 0, 0, 0], [x!.shape[0]!, 5, 6, 7, 4]) as Tensor5D,
          stride: 1,
        }),
  };
  const cases = Object.entries(convolutions).flatMap(([name, of]) => [1, 2].map((B) => ({ name, of, B })));
  for (const { name, of, B } of cases)
    it(`${name} of ${B} in value and in the gradient of each input`, () => {
      const x = layer.x.slice([0, 0, 0, 0, 0], [B, 5, 6, 7, 3]);
      const inputs = name === 'normalisedConvolution' ? [x, layer.mean] : [x, layer.mean, layer.variance];
      const upstream = weights.slice([0, 0, 0, 0, 0], [B, 5, 6, 7, 4]);
      const [fast, slow] = [of(tensorflowFunctions), of(composedFunctions)];
      expect(largestDifference(fast(...inputs), slow(...inputs))).toBeLessThan(2e-5);
      const gradientsOf = (f: (...inputs: Tensor[]) => Tensor) =>
        grads((...x: Tensor[]) =>
          f(...x)
            .mul(upstream)
            .sum(),
        )(inputs);
      const [found, expected] = [gradientsOf(fast), gradientsOf(slow)];
      for (const [n, gradient] of expected.entries()) {
        const size = gradient.abs().max().dataSync()[0]!;
        expect(size).toBeGreaterThan(0.1);
        expect(largestDifference(found[n]!, gradient) / size).toBeLessThan(1e-5);
      }
    });

  for (const [B, K] of [
    [1, 2],
    [2, 3],
  ] as [number, number][])
    it(`segmentationLoss of ${B} with ${K} classes in value and gradient`, () => {
      const logits = randomNormal([B, 4, 5, 6, K], 0, 2, 'float32', 21) as Tensor5D;
      const labels = randomUniform([B, 4, 5, 6], 0, K, 'int32', 22);
      const truth = oneHot(labels.mod(K).toInt(), K).toFloat() as Tensor5D;
      const [fast, slow] = [tensorflowFunctions, composedFunctions].map((functions) =>
        valueAndGrad((z: Tensor) => functions.segmentationLoss(z as Tensor5D, truth, 0.7).mul(3))(logits),
      );
      expect(largestDifference(fast!.value, slow!.value)).toBeLessThan(1e-5);
      const size = slow!.grad.abs().max().dataSync()[0]!;
      expect(size).toBeGreaterThan(1e-3);
      expect(largestDifference(fast!.grad, slow!.grad) / size).toBeLessThan(1e-4);
    });

  it('adamUpdate moves as the composed form does and leaves what it was given', () => {
    const start = randomNormal([27, 40], 0, 1, 'float32', 31);
    const kept = start.clone();
    const run = ({ adamUpdate }: FusedFunctions) => {
      let moments: AdamMoments = { parameter: start, firstMoment: zerosLike(start), secondMoment: zerosLike(start) };
      for (let step = 1; step <= 5; step++)
        moments = adamUpdate(moments, randomNormal([27, 40], 0, 1, 'float32', 40 + step), step, 0.05);
      return moments;
    };
    const [fast, slow] = [run(tensorflowFunctions), run(composedFunctions)];
    for (const name of ['parameter', 'firstMoment', 'secondMoment'] as const)
      expect(largestDifference(fast[name], slow[name])).toBeLessThan(2e-6);
    expect(largestDifference(fast.parameter, start)).toBeGreaterThan(0.05);
    expect(largestDifference(start, kept)).toBe(0);
  });

  it('leave no tensor behind', () => {
    const x = randomNormal([1, 4, 4, 4, 2]) as Tensor5D;
    const filter = randomNormal([3, 3, 3, 2, 2]) as Tensor5D;
    const truth = oneHot(zeros([2, 4, 4, 4], 'int32'), 2).toFloat() as Tensor5D;
    const run = () => {
      const g = grad((x: Tensor) =>
        tensorflowFunctions
          .upsample(
            tensorflowFunctions.normalisedConvolution(tensorflowFunctions.normaliseAndActivate(x as Tensor5D), filter),
          )
          .sum(),
      )(x);
      const logits = randomNormal([2, 4, 4, 4, 2]) as Tensor5D;
      const moments = tensorflowFunctions.adamUpdate({ parameter: g, firstMoment: g, secondMoment: g }, g, 1, 0.1);
      dispose([g, logits, tensorflowFunctions.segmentationLoss(logits, truth, 0.99), ...Object.values(moments)]);
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
