import type { Sides } from '../../tensors/patches.ts';

/** Gaussian blur of [D, H, W] along one axis, cut at 3 deviations (voxels); edge voxels go on beyond the edge. */
export function blurAxis(image: Float32Array, sides: Sides, axis: 0 | 1 | 2, deviation: number): Float32Array {
  const radius = Math.ceil(3 * deviation);
  if (radius === 0 || sides[axis] === 1) return image;
  const kernel = gaussian(deviation, radius);
  const length = sides[axis];
  const stride = [sides[1] * sides[2], sides[2], 1][axis]!;
  const result = new Float32Array(image.length);
  const line = new Float32Array(length + 2 * radius);
  for (let start = 0; start < image.length; start++) {
    if (Math.floor(start / stride) % length !== 0) {
      start += stride * (length - 1) - 1; // on to the next block of lines
      continue;
    }
    for (let n = 0; n < line.length; n++)
      line[n] = image[start + Math.min(Math.max(n - radius, 0), length - 1) * stride]!;
    for (let n = 0; n < length; n++) {
      let sum = 0;
      for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap]! * line[n + tap]!;
      result[start + n * stride] = sum;
    }
  }
  return result;
}

/** Gaussian blur with a deviation (voxels) for each axis. */
export const blur = (image: Float32Array, sides: Sides, deviation: readonly [number, number, number]): Float32Array =>
  ([2, 1, 0] as const).reduce((blurred, axis) => blurAxis(blurred, sides, axis, deviation[axis]), image);

function gaussian(deviation: number, radius: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, n) =>
    Math.exp(-0.5 * ((n - radius) / deviation) ** 2),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  return kernel.map((weight) => weight / sum);
}
