import {
  conv3d,
  type Scalar,
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor5D,
  tidy,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { filtersOf } from '../models/unet-weights.ts';
import { type Convolve, unetLogits } from '../models/unet3d.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { Example } from './segmentation-gradient.ts';
import { segmentationLoss } from './segmentation-loss.ts';
import type { VariationalGradient } from './variational-gradient.ts';

/**
 * Convolution whose output is drawn: N(conv(x, mean), conv(x^2, variance)) at each voxel and channel on its own
 * (Kingma, Salimans and Welling 2015). Right per voxel, but voxels that share a kernel lose their correlation.
 * @param spread filters of variances; a layer without one is plain
 */
export const convolveWithNoise =
  (mean: Readonly<Record<string, Tensor5D>>, spread: Readonly<Record<string, Tensor5D>>, key: RandomKey): Convolve =>
  (layer, x, stride) => {
    const centre = conv3d(x, mean[layer]!, stride, 'same');
    const variance = spread[layer];
    if (!variance) return centre;
    const deviation = conv3d(x.square(), variance, stride, 'same').add(scalar(1e-12)).sqrt();
    return centre.add(deviation.mul(fused().gaussianNoise(derive(key, layer), centre.shape)));
  };

/** The authors' form of the noise: a fresh draw for each example. */
export function localReparameterisationGradient(
  net: UnetArchitecture,
  parameters: TensorRecord,
  batch: readonly Example[],
  key: RandomKey,
): VariationalGradient {
  const share = scalar(1 / batch.length);
  const each = batch.map(({ image, truth }, place) =>
    tidy(() => {
      const lossOf = (kernels: Tensor, logVariance: Tensor, points: Tensor): Scalar => {
        const mean = filtersOf(net, { kernels: kernels as Tensor2D, points: points as Tensor1D });
        const variance = filtersOf(net, { kernels: logVariance.exp() as Tensor2D, points: points as Tensor1D });
        const spread = Object.fromEntries(Object.entries(variance).filter(([, filter]) => filter.shape[0] === 3));
        return segmentationLoss(
          unetLogits(net, convolveWithNoise(mean, spread, derive(key, 'example', place)), image),
          truth,
        );
      };
      const { value, grads } = valueAndGrads(lossOf)([
        parameters['kernels']!,
        parameters['logVariance']!,
        parameters['points']!,
      ]);
      return {
        loss: value.mul(share),
        kernels: grads[0]!.mul(share),
        logVariance: grads[1]!.mul(share),
        points: grads[2]!.mul(share),
      };
    }),
  );
  const sum = (name: keyof VariationalGradient): Tensor =>
    each.map((one): Tensor => one[name]).reduce((total, value) => total.add(value));
  return { loss: sum('loss'), kernels: sum('kernels'), logVariance: sum('logVariance'), points: sum('points') };
}
