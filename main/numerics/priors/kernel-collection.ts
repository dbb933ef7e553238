import type { NamedArrays } from '../models/named-arrays.ts';
import { isBayesian, sliceCount, type UnetArchitecture, unetLayers } from '../models/unet-layers.ts';
import { kernelVoxels } from '../models/unet-weights.ts';
import { groupCount, groupOf } from './kernel-groups.ts';

/** Slices with a smaller norm are dropped: they do nothing, and a VAE would spend itself on them (methods 1.2). */
export const leastNorm = 1e-2;

/** Slices of one group of layers, [n, 27] row by row, and how many were dropped. */
export interface GroupKernels {
  readonly values: Float32Array;
  readonly dropped: number;
}

/** The 3^3 slices of one network by group 1 to 7 (at place group - 1); filters as `layersOfArrays` names them. */
export function collectKernels(net: UnetArchitecture, layers: NamedArrays): readonly GroupKernels[] {
  const rows: number[][] = Array.from({ length: groupCount }, () => []);
  const dropped = new Array<number>(groupCount).fill(0);
  for (const layer of unetLayers(net).filter(isBayesian)) {
    const filter = layers[layer.name];
    const width = sliceCount(layer);
    if (filter?.data.length !== kernelVoxels * width)
      throw new RangeError(`${layer.name} is absent or of another shape`);
    const group = groupOf(layer) - 1;
    for (let slice = 0; slice < width; slice++) {
      const kernel = Array.from({ length: kernelVoxels }, (_, row) => filter.data[row * width + slice]!);
      if (Math.hypot(...kernel) < leastNorm) dropped[group]!++;
      else rows[group]!.push(...kernel);
    }
  }
  return rows.map((values, group) => ({ values: Float32Array.from(values), dropped: dropped[group]! }));
}

/** Kernels of several networks joined, group by group. */
export function joinKernels(nets: readonly (readonly GroupKernels[])[]): readonly GroupKernels[] {
  return Array.from({ length: groupCount }, (_, group) => {
    const parts = nets.map((net) => net[group]!);
    const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
    let place = 0;
    for (const part of parts) {
      values.set(part.values, place);
      place += part.values.length;
    }
    return { values, dropped: parts.reduce((sum, part) => sum + part.dropped, 0) };
  });
}

/** Deviation of all values, and quantiles of the slices' norms. */
export function describeKernels({ values, dropped }: GroupKernels) {
  const count = values.length / kernelVoxels;
  const square = values.reduce((sum, x) => sum + x * x, 0);
  const norms = Float64Array.from({ length: count }, (_, n) =>
    Math.hypot(...values.subarray(n * kernelVoxels, (n + 1) * kernelVoxels)),
  ).sort();
  const quantile = (share: number): number => norms[Math.min(count - 1, Math.floor(share * count))] ?? 0;
  return {
    slices: count,
    dropped,
    spread: Math.sqrt(square / Math.max(1, values.length)),
    norm: { low: quantile(0.05), median: quantile(0.5), high: quantile(0.95) },
  };
}
