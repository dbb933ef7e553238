import {
  memory,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tensor,
  tensor2d,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { filterOfSlices, planeStart, slicesOf } from '../models/plane-cnn.ts';
import { planeLogBound, planeVaeStart } from '../models/plane-kernel-vae.ts';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { disposeRecord, toTensors } from '../tensors/tensor-record.ts';
import { adamDispose, adamInit } from './adam.ts';
import { labelTensor, planeClasses, planeDivergence, planeStep } from './plane-training.ts';

const key = rootKey(12);
const net = { channels: [4, 6] } as const;

describe.skipIf(!useTensorflow())('the plane network', () => {
  const start = (): Record<string, Tensor> => {
    const weights = toTensors(planeStart(net, derive(key, 'start')));
    for (const layer of ['conv-1', 'conv-2'])
      weights[`${layer}/logVariance`] = tensor(new Float32Array(weights[layer]!.size).fill(-4), weights[layer]!.shape);
    return weights;
  };

  it('slices of a filter and back', () => {
    const filter = Float32Array.from(normals(key, 25 * 12));
    const slices = tidy(
      () =>
        slicesOf(tensor4d(filter, [5, 5, 3, 4]))
          .dataSync<'float32'>()
          .slice() as never,
    ) as Float32Array;
    expect(filterOfSlices(slices, [5, 5, 3, 4])).toEqual(filter);
    expect(slices[1]).toBe(filter[12]);
  });

  it('KL to N(0, 1) is the closed form, to the log-uniform prior the integral up to its constant', () => {
    const one = (mean: number, deviation: number) =>
      Object.fromEntries(
        ['conv-1', 'conv-2'].flatMap((layer) => [
          [layer, tensor(new Float32Array(1).fill(mean), [1, 1, 1, 1])],
          [`${layer}/logVariance`, tensor(new Float32Array(1).fill(2 * Math.log(deviation)), [1, 1, 1, 1])],
        ]),
      );
    const divergence = (mean: number, deviation: number, kind: 'normal' | 'log-uniform') =>
      tidy(() => planeDivergence(one(mean, deviation), { kind }, key)).dataSync()[0]! / 2;
    expect(divergence(0.3, 0.5, 'normal')).toBeCloseTo(0.5 * (0.25 + 0.09 - 1 - 2 * Math.log(0.5)), 5);
    // KL = -H + E log|w| + constant: differences over alpha, by numerical integration
    const exact = (mean: number, deviation: number) => {
      let expected = 0;
      const step = 1e-4;
      for (let e = -8; e < 8; e += step)
        expected +=
          ((step * Math.exp((-e * e) / 2)) / Math.sqrt(2 * Math.PI)) * Math.log(Math.abs(mean + deviation * e) + 1e-12);
      return expected - Math.log(deviation);
    };
    const [a, b] = [
      [1, 0.5],
      [1, 2],
    ] as const;
    expect(divergence(...a, 'log-uniform') - divergence(...b, 'log-uniform')).toBeCloseTo(exact(...a) - exact(...b), 1);
  });

  it('the VAE bound is a density in the weights own units: halving the spread adds log 2 a weight', () => {
    const shape = { size: 25, hidden: 8, latent: 2 };
    const rows = Float32Array.from(normals(derive(key, 'rows'), 50));
    const bound = (spread: number) => {
      const vae = toTensors(planeVaeStart(shape, spread, key));
      const value = tidy(() =>
        planeLogBound(
          vae,
          tensor2d(
            rows.map((x) => spread * x),
            [2, 25],
          ),
          tensor2d(new Float32Array(4), [2, 2]) as Tensor2D,
        ),
      );
      const [first] = value.dataSync();
      value.dispose();
      disposeRecord(vae);
      return first!;
    };
    expect(bound(0.5) - bound(1)).toBeCloseTo(25 * Math.log(2), 2);
  });

  it('learns to tell two kinds of image, by every prior without data but the images, and owns its tensors', () => {
    const count = 40;
    const pixels = Float32Array.from(uniforms(key, count * 784), (u, n) =>
      Math.floor(n / 784) % 2 === Math.floor((n % 784) / 392) ? u : 0,
    );
    const batch = {
      images: tensor4d(pixels, [count, 28, 28, 1]) as Tensor4D,
      labels: labelTensor(Uint8Array.from({ length: count }, (_, n) => n % 2)),
    };
    for (const [kind, held] of [['normal'], ['log-uniform'], ['none'], ['none', 'conv-1']] as const) {
      const before = memory().numTensors;
      const { 'conv-1/logVariance': a, 'conv-2/logVariance': b, ...points } = start();
      const parameters = kind === 'none' ? points : { ...points, 'conv-1/logVariance': a!, 'conv-2/logVariance': b! };
      if (kind === 'none') disposeRecord({ a: a!, b: b! });
      let state = { step: 0, parameters: parameters as Readonly<Record<string, Tensor>>, adam: adamInit(parameters) };
      const first = parameters['conv-1']!.dataSync<'float32'>().slice();
      for (let step = 0; step < 30; step++)
        state = planeStep(
          state,
          batch,
          { prior: { kind }, images: 1e5, decay: 0, rate: 3e-3, held: held ? [held] : [] },
          derive(key, step),
        ).state;
      const classes = planeClasses(state.parameters, batch.images, { samples: 3, key });
      expect(classes.filter((value, n) => value === n % 2).length).toBeGreaterThan(36);
      const moved = state.parameters['conv-1']!.dataSync<'float32'>().some((value, n) => value !== first[n]);
      expect(moved).toBe(held === undefined);
      disposeRecord(state.parameters);
      adamDispose(state.adam);
      expect(memory().numTensors).toBe(before);
    }
    disposeRecord(batch);
  });
});
