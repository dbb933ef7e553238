import {
  type Scalar,
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { filtersOf } from '../models/unet-weights.ts';
import { convolveWith, type UnetConvolutions, unetLogits } from '../models/unet3d.ts';
import { frugalValueAndGrads } from '../tensors/frugal-gradient.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { type GaussianLayer, localReparameterisation } from '../tensors/fused/local-reparameterisation.ts';
import { authorsDiceWeight } from '../tensors/fused/segmentation-loss.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { Example } from './segmentation-gradient.ts';
import type { GradientSettings, VariationalGradient } from './variational-gradient.ts';

/**
 * Layers whose outputs are drawn one by one: see `localReparameterisation` of the fused functions.
 * @param spread filters of variances; a layer without one is plain
 */
export function convolveWithNoise(
  mean: Readonly<Record<string, Tensor5D>>,
  spread: Readonly<Record<string, Tensor5D>>,
  key: RandomKey,
): UnetConvolutions {
  const plain = convolveWith(mean);
  const gaussian = (layer: string, { shape: [B, D, H, W] }: Tensor5D, stride: 1 | 2): GaussianLayer | undefined => {
    const [centre, variance] = [mean[layer]!, spread[layer]];
    if (!variance) return undefined;
    const shape = [B, ...[D, H, W].map((side) => Math.ceil(side / stride)), centre.shape[4]];
    return { mean: centre, variance, stride, noise: fused().gaussianNoise(derive(key, layer), shape) as Tensor5D };
  };
  return {
    convolve(name, x, stride) {
      const layer = gaussian(name, x, stride);
      return layer ? localReparameterisation(x, layer) : plain.convolve(name, x, stride);
    },
    block(name, x) {
      const layer = gaussian(name, x, 1);
      return layer ? fused().normalisedLocalReparameterisation(x, layer) : plain.block(name, x);
    },
  };
}

/** The authors' form of the noise: a fresh draw for each example. */
export function localReparameterisationGradient(
  net: UnetArchitecture,
  parameters: TensorRecord,
  batch: readonly Example[],
  { key, diceWeight = authorsDiceWeight }: GradientSettings,
): VariationalGradient {
  const share = scalar(1 / batch.length);
  const each = batch.map(({ image, truth }, place) =>
    tidy(() => {
      const lossOf = (kernels: Tensor, logVariance: Tensor, points: Tensor): Scalar => {
        const mean = filtersOf(net, { kernels: kernels as Tensor2D, points: points as Tensor1D });
        const variance = filtersOf(net, { kernels: logVariance.exp() as Tensor2D, points: points as Tensor1D });
        const spread = Object.fromEntries(Object.entries(variance).filter(([, filter]) => filter.shape[0] === 3));
        return fused().segmentationLoss(
          unetLogits(net, convolveWithNoise(mean, spread, derive(key, 'example', place)), image),
          truth,
          diceWeight,
        );
      };
      const { value, grads } = frugalValueAndGrads(lossOf as (...inputs: Tensor[]) => Tensor)([
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
