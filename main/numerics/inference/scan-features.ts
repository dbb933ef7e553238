import type { Sides } from '../tensors/patches.ts';

/** Quantiles of a channel's intensities, already brought to mean 0 and deviation 1 by the plan. */
export const quantileShares = [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98] as const;
/** Voxels along an axis over whose blocks means are taken: what changes from block to block is field and anatomy, not texture. */
const blockSide = 8;
/** Voxels that quantiles are taken from at most: a larger scan is thinned out. */
const mostSorted = 4e6;
/** Quantiles, roughness along D, H, W, and the share of the variance that lies between blocks. */
export const featuresPerChannel = quantileShares.length + 3 + 1;

/**
 * What a scan looks like in a few numbers, by channel: contrast (quantiles), resolution (log of the mean squared step between
 * neighbours over the variance, along D, H and W) and field (log of the variance of block means over the variance).
 * @param image [D, H, W, C] on the plan's grid, of mean 0 and deviation 1
 * @returns [C * featuresPerChannel]
 */
export function scanFeatures(image: Float32Array, size: Sides, channels: number): Float64Array {
  const features: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const values = channels === 1 ? image : channelOf(image, channel, channels);
    const spread = Math.max(1e-12, variance(values));
    const sorted = everyNth(values, Math.ceil(values.length / mostSorted)).sort();
    features.push(...quantileShares.map((share) => sorted[Math.floor(share * (sorted.length - 1))]!));
    for (const axis of [0, 1, 2] as const)
      features.push(Math.log(Math.max(1e-6, meanSquaredStep(values, size, axis) / spread)));
    features.push(Math.log(Math.max(1e-6, variance(blockMeans(values, size)) / spread)));
  }
  return Float64Array.from(features);
}

function channelOf(image: Float32Array, channel: number, channels: number): Float32Array {
  const values = new Float32Array(image.length / channels);
  for (let v = 0; v < values.length; v++) values[v] = image[v * channels + channel]!;
  return values;
}

/** A copy, thinned out. */
function everyNth(values: Float32Array, n: number): Float32Array {
  const thinned = new Float32Array(Math.ceil(values.length / n));
  for (let v = 0; v < thinned.length; v++) thinned[v] = values[v * n]!;
  return thinned;
}

function variance(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return Math.max(0, squares / values.length - (sum / values.length) ** 2);
}

function meanSquaredStep(values: Float32Array, size: Sides, axis: 0 | 1 | 2): number {
  const stride = [size[1] * size[2], size[2], 1][axis]!;
  let [sum, count] = [0, 0];
  for (let v = 0; v < values.length; v++) {
    if (Math.floor(v / stride) % size[axis] === size[axis] - 1) continue;
    sum += (values[v + stride]! - values[v]!) ** 2;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

function blockMeans(values: Float32Array, size: Sides): Float32Array {
  const blocks = size.map((side) => Math.ceil(side / blockSide));
  const sums = new Float64Array(blocks[0]! * blocks[1]! * blocks[2]!);
  const counts = new Uint32Array(sums.length);
  for (let v = 0; v < values.length; v++) {
    const [d, h, w] = [Math.floor(v / (size[1] * size[2])), Math.floor(v / size[2]) % size[1], v % size[2]];
    const block =
      (Math.floor(d / blockSide) * blocks[1]! + Math.floor(h / blockSide)) * blocks[2]! + Math.floor(w / blockSide);
    sums[block]! += values[v]!;
    counts[block]!++;
  }
  return Float32Array.from(sums, (sum, n) => sum / counts[n]!);
}
