import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { decoderNames, encoderNames, kernelVaeStart } from '../models/kernel-vae.ts';
import type { NamedArrays } from '../models/named-arrays.ts';
import { kernelVoxels } from '../models/unet-weights.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { type TensorRecord, toTensors } from '../tensors/tensor-record.ts';
import { type KernelPrior, kernelDivergence } from './kernel-divergence.ts';

const slices = 6;
const [spread, meanScale, logVariance] = [0.05, 0.03, -7];
const priorOf = (arrays: NamedArrays) => {
  const vae = toTensors(arrays);
  const prior: KernelPrior = {
    groups: [
      [0, 4],
      [4, slices],
    ].map(([from, to], n) => ({
      from: from!,
      to: to!,
      decoder: Object.fromEntries([...decoderNames, 'scale'].map((name) => [name, vae[name]!])),
      encoder: Object.fromEntries(encoderNames.map((name) => [name, `prior/group-${n + 1}/${name}`])),
    })),
  };
  const encoders = Object.fromEntries(
    prior.groups.flatMap(({ encoder }) => Object.entries(encoder).map(([name, trained]) => [trained, vae[name]!])),
  );
  return { prior, encoders };
};
const q = {
  kernels: {
    shape: [kernelVoxels, slices],
    data: Float32Array.from(normals(rootKey(3), kernelVoxels * slices), (x) => meanScale * x),
  },
  logVariance: {
    shape: [kernelVoxels, slices],
    data: Float32Array.from(normals(rootKey(4), kernelVoxels * slices), (x) => logVariance + 0.3 * x),
  },
};

const start = kernelVaeStart(spread, rootKey(5));
/** A decoder that does not look at z: p(w) = N(0, spread^2), so that the KL is known. Its code is `code` wherever w lies. */
const blind = (code: number): NamedArrays => {
  const zero = (name: string) => ({ shape: start[name]!.shape, data: new Float32Array(start[name]!.data.length) });
  const bias = {
    shape: start['encoder/heads-bias']!.shape,
    data: Float32Array.from({ length: 12 }, (_, n) => (n < 6 ? code : 0)),
  };
  return {
    ...start,
    'decoder/heads': zero('decoder/heads'),
    'encoder/heads': zero('encoder/heads'),
    'encoder/heads-bias': bias,
  };
};

/** KL(N(m, s^2) || N(0, spread^2)) of the whole q, in closed form. */
const knownDivergence = (): number => {
  let sum = 0;
  for (let n = 0; n < q.kernels.data.length; n++) {
    const variance = Math.exp(q.logVariance.data[n]!);
    sum += 0.5 * ((variance + q.kernels.data[n]! ** 2) / spread ** 2 - 1 - Math.log(variance / spread ** 2));
  }
  return sum;
};

const estimates = (arrays: NamedArrays, slicesPerStep: number, count: number) => {
  const { prior, encoders } = priorOf(arrays);
  const parameters = { ...toTensors(q), ...encoders };
  const values = Array.from({ length: count }, (_, n) =>
    tidy(() => kernelDivergence(prior, parameters, slicesPerStep, derive(rootKey(6), n)).divergence.dataSync()[0]!),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { mean, error: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1) / count) };
};

describe.skipIf(!useTensorflow())('KL bound', () => {
  it('is the KL where the reverse model is the posterior of z, whole or from a subset of slices', () => {
    for (const slicesPerStep of [slices, 3]) {
      const { mean, error } = estimates(blind(0), slicesPerStep, 100);
      expect(
        Math.abs(mean - knownDivergence()),
        `${slicesPerStep} slices: ${mean} beside ${knownDivergence()}, error ${error}`,
      ).toBeLessThan(5 * error);
      expect(error).toBeLessThan(0.1 * knownDivergence());
    }
  });

  it('lies above the KL by the KL of a wrong reverse model', () => {
    const { mean, error } = estimates(blind(0.7), slices, 100);
    const excess = slices * 6 * 0.5 * 0.7 ** 2;
    expect(mean - knownDivergence()).toBeGreaterThan(5 * error);
    expect(Math.abs(mean - knownDivergence() - excess)).toBeLessThan(5 * error);
  });

  it('has the gradient of finite differences in mean, log-variance and encoders, all groups', () => {
    const { prior, encoders } = priorOf(start);
    const parameters: TensorRecord = { ...toTensors(q), ...encoders };
    const key = rootKey(7);
    const valueAt = (changed: TensorRecord) =>
      tidy(() => kernelDivergence(prior, { ...parameters, ...changed }, slices, key).divergence.dataSync()[0]!);
    const { gradients } = tidy(() => ({ gradients: kernelDivergence(prior, parameters, slices, key).gradients }));
    for (const [name, step] of [
      ['kernels', 2e-4],
      ['logVariance', 1e-2],
      ['prior/group-1/encoder/heads-bias', 1e-2],
      ['prior/group-2/encoder/dense-3', 1e-2],
    ] as const) {
      const direction = toTensors({
        direction: {
          shape: parameters[name]!.shape,
          data: Float32Array.from(normals(derive(rootKey(8), name), parameters[name]!.size)),
        },
      })['direction']!;
      const moved = (by: number): Tensor => parameters[name]!.add(direction.mul(by));
      const slope = (valueAt({ [name]: moved(step) }) - valueAt({ [name]: moved(-step) })) / (2 * step);
      const expected = gradients[name]!.mul(direction).sum().dataSync()[0]!;
      expect(Math.abs(slope - expected), `${name}: ${slope} beside ${expected}`).toBeLessThan(
        0.03 * Math.abs(expected) + 0.3,
      );
    }
    expect(Object.keys(gradients).length).toBe(2 + 2 * encoderNames.length);
  });
});
