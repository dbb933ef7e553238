import type { Vec3 } from '../volume.ts';

/**
 * Gaussian smoothing of one component in place, axis by axis, with deviations in voxels (0: axis left alone). The edge
 * voxel's value goes on beyond the edge; the kernel reaches 3 deviations and sums to 1, so ramps stay ramps inside.
 */
export function smooth(values: Float32Array, size: Vec3, deviations: Vec3): void {
  const strides = [1, size[0], size[0] * size[1]] as const;
  for (const axis of [0, 1, 2] as const) {
    if (deviations[axis] > 0)
      smoothAxis(values, { length: size[axis], stride: strides[axis], deviation: deviations[axis] });
  }
}

interface AxisPass {
  readonly length: number;
  readonly stride: number;
  readonly deviation: number;
}

function smoothAxis(values: Float32Array, { length, stride, deviation }: AxisPass): void {
  const kernel = gaussianKernel(deviation);
  const reach = kernel.length - 1;
  const line = new Float64Array(length + 2 * reach);
  const block = length * stride;
  for (let outer = 0; outer < values.length; outer += block) {
    for (let inner = 0; inner < stride; inner++) {
      const start = outer + inner;
      for (let n = 0; n < length; n++) line[reach + n] = values[start + n * stride]!;
      line.fill(line[reach]!, 0, reach);
      line.fill(line[reach + length - 1]!, reach + length);
      for (let n = 0; n < length; n++) {
        let sum = kernel[0]! * line[reach + n]!;
        for (let d = 1; d <= reach; d++) sum += kernel[d]! * (line[reach + n - d]! + line[reach + n + d]!);
        values[start + n * stride] = sum;
      }
    }
  }
}

/** Weights at distance 0, 1, ... from the middle. */
function gaussianKernel(deviation: number): Float64Array {
  const reach = Math.max(1, Math.ceil(3 * deviation));
  const half = Float64Array.from({ length: reach + 1 }, (_, d) => Math.exp(-0.5 * (d / deviation) ** 2));
  const total = half.reduce((sum, weight, d) => sum + (d === 0 ? weight : 2 * weight), 0);
  return half.map((weight) => weight / total);
}
