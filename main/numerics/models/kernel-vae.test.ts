import { grad, scalar, type Tensor, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { disposeRecord, toTensors } from '../tensors/tensor-record.ts';
import {
  decodeKernels,
  encodeKernels,
  kernelLogBound,
  kernelLogEvidence,
  kernelVaeStart,
  latentSize,
} from './kernel-vae.ts';
import { kernelVoxels } from './unet-weights.ts';

const normalsOf = (seed: number, rows: number, columns: number, scale = 1) =>
  tensor2d(
    Float32Array.from(normals(rootKey(seed), rows * columns), (x) => scale * x),
    [rows, columns],
  );

const gradientOf = (f: (x: Tensor2D) => Tensor, x: Tensor2D): Tensor =>
  grad((value: Tensor) => f(value as Tensor2D))(x);

describe.skipIf(!useTensorflow())('kernel VAE', () => {
  const vae = toTensors(kernelVaeStart(0.05, rootKey(1)));

  it('codes and decodes the stated shapes, near the spread of the kernels at the start', () => {
    const code = encodeKernels(vae, normalsOf(2, 7, kernelVoxels, 0.05));
    expect(code.mean.shape).toEqual([7, latentSize]);
    const decoded = decodeKernels(vae, code.mean);
    expect(decoded.logVariance.shape).toEqual([7, kernelVoxels]);
    const deviation = Math.exp(decoded.logVariance.mean().dataSync()[0]! / 2);
    expect(deviation).toBeGreaterThan(0.02);
    expect(deviation).toBeLessThan(0.1);
  });

  it('does not depend on the unit of the weights but for its density', () => {
    const kernels = normalsOf(3, 5, kernelVoxels, 0.05);
    const noise = normalsOf(4, 5, latentSize);
    const small = kernelLogBound(vae, kernels, noise).dataSync();
    const large = kernelLogBound({ ...vae, scale: scalar(5) }, kernels.mul(scalar(100)), noise).dataSync();
    for (let n = 0; n < 5; n++) expect(large[n]! + kernelVoxels * Math.log(100)).toBeCloseTo(small[n]!, 2);
  });

  it('has an importance-sampled evidence above the mean of its bound', () => {
    const kernels = normalsOf(5, 64, kernelVoxels, 0.05);
    const noises = Array.from({ length: 40 }, (_, n) => normalsOf(100 + n, 64, latentSize));
    const evidence = kernelLogEvidence(vae, kernels, noises).mean().dataSync()[0]!;
    const bound = noises.map((noise) => kernelLogBound(vae, kernels, noise).mean().dataSync()[0]!);
    expect(evidence).toBeGreaterThan(bound.reduce((sum, value) => sum + value, 0) / bound.length);
  });

  it('integrates to one: the mean of p(w) / N(w) over draws of N', () => {
    const draws = 4000;
    const deviation = 0.055;
    const kernels = normalsOf(6, draws, kernelVoxels, deviation);
    const noises = Array.from({ length: 20 }, (_, n) => normalsOf(200 + n, draws, latentSize));
    const log = kernelLogEvidence(vae, kernels, noises).dataSync();
    const values = kernels.dataSync();
    const ratios = Array.from(log, (logDensity, n) => {
      let reference = -kernelVoxels * Math.log(deviation * Math.sqrt(2 * Math.PI));
      for (let k = 0; k < kernelVoxels; k++) reference -= values[n * kernelVoxels + k]! ** 2 / (2 * deviation ** 2);
      return Math.exp(logDensity - reference);
    });
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / draws;
    const error = Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0)) / draws;
    expect(Math.abs(mean - 1)).toBeLessThan(5 * error);
    expect(error).toBeLessThan(0.1);
  });

  it('has the gradient of finite differences in the weights', () => {
    const kernels = normalsOf(7, 1, kernelVoxels, 0.05);
    const noise = normalsOf(8, 1, latentSize);
    const at = (direction: Tensor2D, step: number) =>
      tidy(() => kernelLogBound(vae, kernels.add(direction.mul(scalar(step))) as Tensor2D, noise).dataSync()[0]!);
    const direction = normalsOf(9, 1, kernelVoxels);
    const step = 1e-3;
    const slope = (at(direction, step) - at(direction, -step)) / (2 * step);
    const { gradient } = tidy(() => ({ gradient: gradientOf((x) => kernelLogBound(vae, x, noise).sum(), kernels) }));
    const expected = gradient.mul(direction).sum().dataSync()[0]!;
    expect(Math.abs(slope - expected)).toBeLessThan(0.02 * Math.abs(expected) + 0.5);
  });

  it('starts from the key alone', () => {
    const again = toTensors(kernelVaeStart(0.05, rootKey(1)));
    const other = toTensors(kernelVaeStart(0.05, derive(rootKey(1), 'other')));
    const difference = (a: typeof vae) => vae['decoder/dense-2']!.sub(a['decoder/dense-2']!).abs().max().dataSync()[0]!;
    expect(difference(again)).toBe(0);
    expect(difference(other)).toBeGreaterThan(0);
    disposeRecord(again);
    disposeRecord(other);
  });
});
