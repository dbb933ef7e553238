import { conv3d, scalar, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { normaliseAndActivate } from './normalise-and-activate.ts';

/** A layer whose weights are independent Gaussians, and the standard normals that its outputs are drawn with. */
export interface GaussianLayer {
  /** [k, k, k, in, out] */
  readonly mean: Tensor5D;
  readonly variance: Tensor5D;
  /** Of the shape of the output. */
  readonly noise: Tensor5D;
  readonly stride: 1 | 2;
}

/** Added to the variance of an activation, so that its root has a gradient everywhere. */
export const smallestVariance = 1e-12;

/**
 * An output drawn from N(conv(x, mean), conv(x^2, variance)) at each voxel and channel on its own (Kingma, Salimans and
 * Welling 2015). Right per voxel, but voxels that share a kernel lose their correlation.
 */
export const localReparameterisation = (x: Tensor5D, { mean, variance, noise, stride }: GaussianLayer): Tensor5D =>
  tidy(() => {
    const deviation = conv3d(x.square() as Tensor5D, variance, stride, 'same')
      .add(scalar(smallestVariance))
      .sqrt();
    return conv3d(x, mean, stride, 'same').add(deviation.mul(noise)) as Tensor5D;
  });

/** The same after instance norm and ReLU. */
export const normalisedLocalReparameterisation = (x: Tensor5D, layer: GaussianLayer): Tensor5D =>
  tidy(() => localReparameterisation(normaliseAndActivate(x), layer));
