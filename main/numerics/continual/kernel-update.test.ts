import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { finiteDifferences, relativeDistance } from '../../../tests/finite-differences.ts';
import { kernelVaeStart, latentSize } from '../models/kernel-vae.ts';
import { kernelVoxels } from '../models/unet-weights.ts';
import {
  disposeKernelVae,
  kernelLogDensities,
  kernelVaeArrays,
  kernelVaeStep,
  startKernelVae,
} from '../priors/kernel-vae-training.ts';
import { drawKernels } from '../priors/stored-prior.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { disposeRecord, toTensors } from '../tensors/tensor-record.ts';
import { kernelEncoder } from './kernel-encoder.ts';
import { kernelUpdateStep } from './kernel-update.ts';
import { standardTask } from './learned-tasks.ts';

const key = rootKey(6);
/** Kernels of one data set: a pattern of its own, with noise. */
function kernelsOf(seed: number, count: number): Float32Array {
  const pattern = normals(derive(key, 'pattern', seed), kernelVoxels);
  const strength = normals(derive(key, 'strength', seed), count);
  const noise = normals(derive(key, 'noise', seed), count * kernelVoxels);
  return Float32Array.from(
    noise,
    (x, n) => 0.05 * (pattern[n % kernelVoxels]! * (1 + 0.3 * strength[Math.floor(n / kernelVoxels)]!) + 0.3 * x),
  );
}
const meanNll = (vae: ReturnType<typeof kernelVaeArrays>, kernels: Float32Array) => {
  const logs = kernelLogDensities(vae, kernels, 16, derive(key, 'evidence'));
  return -logs.reduce((sum, value) => sum + value, 0) / logs.length;
};

describe.skipIf(!useTensorflow())('BooVAE over kernels', () => {
  it('the encoder leads back to a pseudo-kernel by the gradient of its code', () => {
    const vae = toTensors(kernelVaeStart(0.05, derive(key, 'start')));
    const encoder = kernelEncoder(vae);
    const at = Float32Array.from(normals(derive(key, 'input'), kernelVoxels));
    const gradient = {
      mean: normals(derive(key, 'a'), latentSize),
      logVariance: normals(derive(key, 'b'), latentSize),
    };
    const before = memory().numTensors;
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, n) => sum + value * b[n]!, 0);
    const value = (point: Float64Array) => {
      const { mean, logVariance } = encoder.encode(Float32Array.from(point));
      return dot(mean, gradient.mean) + dot(logVariance, gradient.logVariance);
    };
    const found = encoder.encode(at).pullBack(gradient);
    expect(relativeDistance(found, finiteDifferences(value, Float64Array.from(at), 0.02))).toBeLessThan(0.01);
    expect(memory().numTensors).toBe(before);
    disposeRecord(vae);
  });

  it('learns new kernels, keeps the old ones where the past protects them, and forgets them where it does not', () => {
    const [old, fresh] = [kernelsOf(1, 400), kernelsOf(2, 400)];
    const settings = { steps: 150, batch: 64, rate: 3e-3, warmUp: 0.2 };
    const tensors = memory().numTensors;
    let state = startKernelVae(0.05, derive(key, 'vae'));
    for (let step = 0; step < settings.steps; step++)
      state = kernelVaeStep(state, old, settings, derive(key, 'old')).state;
    const before = kernelVaeArrays(state);
    disposeKernelVae(state);
    expect(memory().numTensors).toBe(tensors);
    const learned = (weight: number) => {
      const vae = toTensors(before);
      const { scale, ...parameters } = toTensors(before);
      const own = startKernelVae(0.05, derive(key, 'vae'));
      let next = { ...own, scale: scale! };
      disposeRecord({ ...next.parameters, own: own.scale });
      next = { ...next, parameters };
      const boosted = {
        inputs: [Float32Array.from(fresh.subarray(0, kernelVoxels), (x) => x / 0.05)],
        logWeights: Float64Array.of(0),
      };
      const past = { vae, mixture: standardTask(latentSize).mixture, weight };
      for (let step = 0; step < settings.steps; step++)
        next = kernelUpdateStep(next, fresh, { settings, boosted, past }, derive(key, 'new')).state;
      const arrays = kernelVaeArrays(next);
      disposeKernelVae(next);
      disposeRecord(vae);
      return { old: meanNll(arrays, old), fresh: meanNll(arrays, fresh) };
    };
    const [held, free] = [learned(1), learned(0)];
    expect(memory().numTensors).toBe(tensors);
    const first = { old: meanNll(before, old), fresh: meanNll(before, fresh) };
    expect(held.fresh).toBeLessThan(first.fresh - 5);
    expect(free.old).toBeGreaterThan(held.old + 5);
    expect(held.old - first.old).toBeLessThan(0.5 * (free.old - first.old));
  });

  it('a prior whose codes are a mixture draws from it, and is judged by it', () => {
    const plain = kernelVaeStart(0.05, derive(key, 'start'));
    const far = 3;
    const mixed = {
      ...plain,
      'codes/logWeights': { shape: [1], data: Float32Array.of(0) },
      'codes/mean': { shape: [1, latentSize], data: new Float32Array(latentSize).fill(far) },
      'codes/logVariance': { shape: [1, latentSize], data: new Float32Array(latentSize).fill(-8) },
    };
    const standard = {
      ...mixed,
      'codes/mean': { shape: [1, latentSize], data: new Float32Array(latentSize) },
      'codes/logVariance': { shape: [1, latentSize], data: new Float32Array(latentSize) },
    };
    const kernels = kernelsOf(3, 50);
    expect(meanNll(standard, kernels)).toBeCloseTo(meanNll(plain, kernels), 3);
    expect(meanNll(mixed, kernels)).toBeGreaterThan(meanNll(plain, kernels));
    const [one, other] = [plain, mixed].map((arrays) => {
      const vae = toTensors(arrays);
      const drawn = drawKernels(vae, 20, derive(key, 'draw'));
      disposeRecord(vae);
      return drawn;
    });
    expect(one).not.toEqual(other);
  });
});
