import { conv3d, type Tensor, type Tensor5D } from '@tensorflow/tfjs-core';
import { bindAxes } from '../tensors/axes.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { downBlocks, halvings, sideMultiple, type UnetArchitecture } from './unet-layers.ts';

/** How a layer convolves; the weights' noise lives behind it. `x` [B, D, H, W, in] to [B, D', H', W', out]. */
export type Convolve = (layer: string, x: Tensor5D, stride: 1 | 2) => Tensor5D;

/** Plain convolution with given filters, padded to `same` (odd remainders after the last voxel, as TensorFlow does). */
export const convolveWith =
  (filters: Readonly<Record<string, Tensor5D>>): Convolve =>
  (layer, x, stride) =>
    conv3d(x, filters[layer]!, stride, 'same');

/**
 * Pre-activation residual 3D U-Net with additive skips (methods 1.1; V-Net family, Milletari et al. 2016).
 * @param image [B, D, H, W, C], sides multiples of 8
 * @returns logits [B, D, H, W, K]; within a tidy or a gradient
 */
export function unetLogits(net: UnetArchitecture, convolve: Convolve, image: Tensor5D): Tensor5D {
  const { D, H, W } = bindAxes(image.shape, `B D H W ${net.inputChannels}`, 'unet image');
  if ([D, H, W].some((side) => side % sideMultiple !== 0))
    throw new RangeError(`unet image: sides ${D}, ${H}, ${W} must be multiples of ${sideMultiple}`);
  const block: Convolve = (layer, x, stride) => convolve(layer, fused().normaliseAndActivate(x), stride);
  const add = (a: Tensor5D, b: Tensor): Tensor5D => a.add(b);

  let x = convolve('input', image, 1); // [B, D, H, W, 16]
  const skips: Tensor5D[] = [];
  for (const { name, halves } of downBlocks(net)) {
    if (halves) skips.push(x);
    const stride = halves ? 2 : 1;
    const inner = block(`${name}/conv-2`, block(`${name}/conv-1`, x, stride), 1);
    x = add(inner, halves ? block(`${name}/shortcut`, x, 2) : x);
  }
  for (let number = 1; number <= halvings; number++) {
    const reduced = fused().upsample(block(`up-${number}/reduce`, x, 1));
    const merged = add(reduced, skips.pop()!);
    x = add(block(`up-${number}/conv-2`, block(`up-${number}/conv-1`, merged, 1), 1), merged);
  }
  return convolve('head', x, 1);
}
