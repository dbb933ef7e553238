import { describe, expect, it } from 'vitest';
import { type UnetArchitecture, unetLayers } from '../models/unet-layers.ts';
import { countWeights, kernelVoxels, layersOfArrays, randomArrays } from '../models/unet-weights.ts';
import { rootKey } from '../tensors/random.ts';
import { collectKernels, describeKernels, joinKernels } from './kernel-collection.ts';
import { groupRanges } from './kernel-groups.ts';

const net = (size: 'short' | 'full'): UnetArchitecture => ({
  family: 'residual-unet',
  size,
  inputChannels: 1,
  classes: 2,
});

describe('kernel groups', () => {
  it('cover every slice of both networks once, in seven runs; the counts are those of methods 1.1', () => {
    for (const [size, slices, weights, convolutions] of [
      ['short', 26_640, 726_480, 19],
      ['full', 184_336, 4_998_608, 25],
    ] as const) {
      const ranges = groupRanges(net(size));
      expect(ranges.map(({ group }) => group)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(ranges[0]!.from).toBe(0);
      for (const [n, { from }] of ranges.slice(1).entries()) expect(from).toBe(ranges[n]!.to);
      expect(ranges.at(-1)!.to).toBe(slices);
      const counts = countWeights(net(size));
      expect(counts.slices * kernelVoxels + counts.points).toBe(weights);
      expect(unetLayers(net(size)).filter(({ kernelSize }) => kernelSize === 3).length).toBe(convolutions);
    }
  });

  it('collect slices as they lie in the filters, and drop those near zero', () => {
    const arrays = randomArrays(net('short'), rootKey(1));
    const { slices } = countWeights(net('short'));
    for (let row = 0; row < kernelVoxels; row++) arrays.kernels[row * slices + 3] = 1e-4;
    const groups = collectKernels(net('short'), layersOfArrays(net('short'), arrays));
    expect(groups[0]!.dropped).toBe(1);
    expect(groups.reduce((sum, { values, dropped }) => sum + values.length / kernelVoxels + dropped, 0)).toBe(slices);
    for (let row = 0; row < kernelVoxels; row++)
      expect(groups[0]!.values[3 * kernelVoxels + row]).toBe(arrays.kernels[row * slices + 4]); // slice 3 is gone
    const joined = joinKernels([groups, groups])[0]!;
    expect(joined.values.length).toBe(2 * groups[0]!.values.length);
    const { spread, norm } = describeKernels(joined);
    expect(norm.median / Math.sqrt(kernelVoxels)).toBeGreaterThan(0.5 * spread);
  });
});
