import { conv3d, type Tensor, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { bindAxes } from '../tensors/axes.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { downBlocks, halvings, sideMultiple, type UnetArchitecture } from './unet-layers.ts';

/** How a layer computes; the weights' noise lives behind it. `x` [B, D, H, W, in] to [B, D', H', W', out], padded to `same`. */
export interface UnetConvolutions {
  convolve(layer: string, x: Tensor5D, stride: 1 | 2): Tensor5D;
  /** Instance norm and ReLU, then the layer's convolution. */
  block(layer: string, x: Tensor5D): Tensor5D;
}

/** Plain convolution with given filters (odd remainders are padded after the last voxel, as TensorFlow does). */
export const convolveWith = (filters: Readonly<Record<string, Tensor5D>>): UnetConvolutions => ({
  convolve: (layer, x, stride) => conv3d(x, filters[layer]!, stride, 'same'),
  block: (layer, x) => fused().normalisedConvolution(x, filters[layer]!),
});

/**
 * Pre-activation residual 3D U-Net with additive skips (methods 1.1; V-Net family, Milletari et al. 2016).
 * Each activation is let go after its last use: what a gradient needs is held by its tape.
 * @param image [B, D, H, W, C], sides multiples of 8
 * @returns logits [B, D, H, W, K]; within a tidy or a gradient
 */
export function unetLogits(net: UnetArchitecture, { convolve, block }: UnetConvolutions, image: Tensor5D): Tensor5D {
  const { D, H, W } = bindAxes(image.shape, `B D H W ${net.inputChannels}`, 'unet image');
  if ([D, H, W].some((side) => side % sideMultiple !== 0))
    throw new RangeError(`unet image: sides ${D}, ${H}, ${W} must be multiples of ${sideMultiple}`);
  const blocks = (name: string, x: Tensor5D): Tensor5D => {
    const inner = block(`${name}/conv-1`, x);
    return consume(block(`${name}/conv-2`, inner), inner);
  };
  const halve = (name: string, x: Tensor5D): Tensor5D => {
    const active = fused().normaliseAndActivate(x); // the shortcut reads the same activation
    const first = convolve(`${name}/conv-1`, active, 2);
    const around = consume(convolve(`${name}/shortcut`, active, 2), active);
    const second = consume(block(`${name}/conv-2`, first), first);
    return consume(second.add(around), second, around);
  };

  let x = convolve('input', image, 1); // [B, D, H, W, 16]
  const skips: Tensor5D[] = [];
  for (const { name, halves } of downBlocks(net)) {
    const from = x;
    x = tidy(() => (halves ? halve(name, from) : blocks(name, from).add(from)));
    if (halves) skips.push(from);
    else from.dispose();
  }
  for (let number = 1; number <= halvings; number++) {
    const [from, skip] = [x, skips.pop()!];
    x = tidy(() => {
      const small = consume(block(`up-${number}/reduce`, from), from);
      const reduced = consume(fused().upsample(small), small);
      const merged = consume(reduced.add(skip) as Tensor5D, reduced, skip);
      return blocks(`up-${number}`, merged).add(merged);
    });
  }
  return consume(convolve('head', x, 1), x);
}

/** The result, once what it was made of is disposed. */
function consume(result: Tensor5D, ...sources: readonly Tensor[]): Tensor5D {
  for (const source of sources) source.dispose();
  return result;
}
