import { scalar, type Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { finiteDifferences, relativeDistance } from '../../../tests/finite-differences.ts';
import { normals, rootKey } from '../tensors/random.ts';
import { boundedGradient, type Pursuit, pursuitTerm } from './pursuit-term.ts';

const rows = 27;
const shape: [number, number] = [rows, 2];
const values = (seed: number, scale: number) => Float32Array.from(normals(rootKey(seed), 2 * rows), (x) => scale * x);
const key = rootKey(8);

const pursuit = (lambda: number, defence: number): Pursuit => {
  const spread = tensor2d([Math.log(4), Math.log(4)], [1, 2]);
  return {
    lambda,
    greatestLogVariance: spread,
    parts: [
      {
        mean: tensor2d(values(1, 0.1), shape),
        logVariance: tensor2d(values(2, 0.1), shape),
        weight: 0.6 * (1 - defence),
      },
      {
        mean: tensor2d(values(3, 0.1), shape),
        logVariance: tensor2d(values(4, 0.1), shape),
        weight: 0.4 * (1 - defence),
      },
      { mean: scalar(0), logVariance: spread, weight: defence },
    ],
  };
};

describe.skipIf(!useTensorflow())('the pursuit term', () => {
  const at = (point: Float64Array, mixture: Pursuit) =>
    tidy(() => {
      const parameters: Record<string, Tensor> = {
        kernels: tensor2d(Float32Array.from(point.subarray(0, 2 * rows)), shape),
        logVariance: tensor2d(Float32Array.from(point.subarray(2 * rows)), shape),
      };
      const { value, gradients } = pursuitTerm(mixture, parameters, key);
      const gradient = [...gradients.kernels.dataSync(), ...gradients.logVariance.dataSync()];
      return { value: value.dataSync()[0]!, gradient };
    });

  it.each([1, 0.5, 2])('has the gradient of its own estimate, lambda %d', (lambda) => {
    const mixture = pursuit(lambda, 0.2);
    const point = Float64Array.from([...values(5, 0.3), ...values(6, 0.3)]);
    const wanted = finiteDifferences((moved) => at(moved, mixture).value, point, 0.02); // float32: a wide step
    expect(relativeDistance(at(point, mixture).gradient, wanted)).toBeLessThan(0.02);
  });

  it('far from the mixture only the defence pushes, so that the push is bounded', () => {
    const far = Float64Array.from({ length: 4 * rows }, (_, n) => (n < 2 * rows ? 6 : -3));
    const push = (defence: number) => Math.abs(at(far, pursuit(1, defence)).gradient[0]!);
    expect(push(0)).toBeGreaterThan(4); // 6 over a variance of about 1; without the defence
    expect(push(0.2)).toBeLessThan(2); // 6 over 4, and the noise
  });

  it('no log-variance is pushed over the cap', () => {
    const [gradient, current] = [tensor2d([-1, -1, 1], [1, 3]), tensor2d([0, 2, 2], [1, 3])];
    expect([...boundedGradient(gradient, current, scalar(1)).dataSync()]).toEqual([-1, 0, 1]);
  });
});
