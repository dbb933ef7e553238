import { softmax, type Tensor, type Tensor5D, tensor, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, filtersOf, kernelVoxels, randomArrays } from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { normals, rootKey } from '../tensors/random.ts';
import { drawnLabels, importanceOf, withElasticPull } from './elastic-pull.ts';
import type { Objective } from './objective.ts';

it.skipIf(!useTensorflow())(
  'the pull is the gradient of strength / 2 * importance * distance^2, summed over sites',
  () => {
    const net: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 2 };
    const { slices } = countWeights(net);
    const [w, a, b] = [1, 2, 3].map((seed) => randomArrays(net, rootKey(seed)));
    const importance = { kernels: a!.kernels.map(Math.abs), points: a!.points.map(Math.abs) };
    const tensors = (): Record<string, Tensor> => ({
      kernels: tensor2d(w!.kernels, [kernelVoxels, slices]),
      points: tensor1d(w!.points),
    });
    const flat: Objective = {
      gradient: () => ({
        gradients: { kernels: tensors()['kernels']!.mul(0), points: tensors()['points']!.mul(0) },
        info: {},
      }),
    };
    const pulled = withElasticPull(net, flat, {
      anchors: [
        { weights: a!, importance },
        { weights: b!, importance },
      ],
      strength: 3,
    });
    const { gradients } = pulled.gradient(tensors(), [], rootKey(0));
    for (const name of ['kernels', 'points'] as const) {
      const found = gradients[name]!.dataSync();
      for (const n of [0, 7, found.length - 1]) {
        const distance = 2 * w![name][n]! - a![name][n]! - b![name][n]!;
        expect(found[n]).toBeCloseTo(3 * importance[name][n]! * distance, 4);
      }
    }
    pulled.dispose();
  },
);

it.skipIf(!useTensorflow())(
  'importance has labels drawn from what the network says, and the key decides which',
  async () => {
    const net: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 3 };
    const weights = randomArrays(net, rootKey(1));
    const image = tensor(Float32Array.from(normals(rootKey(2), 24 ** 3)), [1, 24, 24, 24, 1]) as Tensor5D;
    const at = {
      kernels: tensor2d(weights.kernels, [kernelVoxels, countWeights(net).slices]),
      points: tensor1d(weights.points),
    };
    const probability = softmax(unetLogits(net, convolveWith(filtersOf(net, at)), image)).dataSync<'float32'>();
    const drawn = drawnLabels(net, at, image, rootKey(3)).dataSync<'float32'>();
    for (const k of [0, 1, 2]) {
      let [difference, variance] = [0, 0];
      for (let n = k; n < drawn.length; n += 3) {
        const p = probability[n]!;
        difference += drawn[n]! - p;
        variance += p * (1 - p);
      }
      expect(variance).toBeGreaterThan(10);
      expect(Math.abs(difference)).toBeLessThan(4 * Math.sqrt(variance));
    }
    for (let n = 0; n < drawn.length; n += 3) expect(drawn[n]! + drawn[n + 1]! + drawn[n + 2]!).toBe(1);
    async function* examples() {
      for (let n = 0; n < 3; n++) yield { image };
    }
    const [one, again, other] = [3, 3, 4].map((seed) => importanceOf(net, weights, examples(), rootKey(seed)));
    expect(await again).toEqual(await one);
    expect((await other!).kernels).not.toEqual((await one!).kernels);
  },
);
