import { type Tensor, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, kernelVoxels, randomArrays } from '../models/unet-weights.ts';
import { rootKey } from '../tensors/random.ts';
import { withElasticPull } from './elastic-pull.ts';
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
