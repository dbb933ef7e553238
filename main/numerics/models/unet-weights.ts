import { split, type Tensor, type Tensor1D, type Tensor2D, type Tensor5D } from '@tensorflow/tfjs-core';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import type { NamedArray, NamedArrays } from './named-arrays.ts';
import { isBayesian, sliceCount, type UnetArchitecture, type UnetLayer, unetLayers } from './unet-layers.ts';

/** All weights of one network as two tensors, so that one optimiser step is a handful of ops. */
export interface UnetWeights {
  /** [27, slices]: the 3^3 kernels in the order of `unetLayers`; a column is one slice w_ij, rows run d, h, w. */
  readonly kernels: Tensor2D;
  /** [weights]: the 1^3 convolutions, [in, out] each, in the order of `unetLayers`. */
  readonly points: Tensor1D;
}

export const kernelVoxels = 27;

export interface WeightCounts {
  readonly slices: number;
  readonly points: number;
}

export function countWeights(net: UnetArchitecture): WeightCounts {
  const total = (layers: readonly UnetLayer[]) => layers.reduce((sum, layer) => sum + sliceCount(layer), 0);
  const layers = unetLayers(net);
  return { slices: total(layers.filter(isBayesian)), points: total(layers.filter((layer) => !isBayesian(layer))) };
}

/** Columns of each Bayesian layer within `kernels`: [from, to). */
export function sliceRanges(
  net: UnetArchitecture,
): readonly { readonly layer: UnetLayer; readonly from: number; readonly to: number }[] {
  let to = 0;
  return unetLayers(net)
    .filter(isBayesian)
    .map((layer) => {
      const from = to;
      to += sliceCount(layer);
      return { layer, from, to };
    });
}

/** Convolution filters [k, k, k, in, out] by layer name. Differentiable; call within a tidy or a gradient. */
export function filtersOf(net: UnetArchitecture, { kernels, points }: UnetWeights): Record<string, Tensor5D> {
  const layers = unetLayers(net);
  const cubes = layers.filter(isBayesian);
  const flat = layers.filter((layer) => !isBayesian(layer));
  const cubeParts: Tensor[] = split(kernels, cubes.map(sliceCount), 1);
  const pointParts: Tensor[] = split(points, flat.map(sliceCount), 0);
  const named = (list: readonly UnetLayer[], parts: readonly Tensor[]) =>
    list.map(
      ({ name, kernelSize: k, inChannels, outChannels }, n) =>
        [name, parts[n]!.reshape([k, k, k, inChannels, outChannels])] as const,
    );
  return Object.fromEntries([...named(cubes, cubeParts), ...named(flat, pointParts)]) as Record<string, Tensor5D>;
}

/** Plain form of `UnetWeights`. */
export interface UnetArrays {
  /** [27, slices], row-major. */
  readonly kernels: Float32Array;
  readonly points: Float32Array;
}

/** He normal start (He et al. 2015): deviation sqrt(2 / fan-in). Each layer has a stream of its own. */
export function randomArrays(net: UnetArchitecture, key: RandomKey): UnetArrays {
  return arraysOfLayers(net, (layer) => {
    const fanIn = layer.kernelSize ** 3 * layer.inChannels;
    return Float32Array.from(
      normals(derive(key, layer.name), layer.kernelSize ** 3 * sliceCount(layer)),
      (x) => x * Math.sqrt(2 / fanIn),
    );
  });
}

/** Gathers filters in C order [k, k, k, in, out] into the two arrays. */
export function arraysOfLayers(net: UnetArchitecture, filterOf: (layer: UnetLayer) => Float32Array): UnetArrays {
  const counts = countWeights(net);
  const kernels = new Float32Array(kernelVoxels * counts.slices);
  const points = new Float32Array(counts.points);
  let column = 0;
  let place = 0;
  for (const layer of unetLayers(net)) {
    const filter = filterOf(layer);
    const width = sliceCount(layer);
    if (isBayesian(layer)) {
      for (let row = 0; row < kernelVoxels; row++)
        kernels.set(filter.subarray(row * width, (row + 1) * width), row * counts.slices + column);
      column += width;
    } else {
      points.set(filter, place);
      place += width;
    }
  }
  return { kernels, points };
}

/** The same weights by layer name, shapes [k, k, k, in, out]: the form that is stored and that priors are learned from. */
export function layersOfArrays(net: UnetArchitecture, { kernels, points }: UnetArrays): NamedArrays {
  const { slices } = countWeights(net);
  const result: Record<string, NamedArray> = {};
  let column = 0;
  let place = 0;
  for (const layer of unetLayers(net)) {
    const { name, kernelSize: k, inChannels, outChannels } = layer;
    const width = sliceCount(layer);
    const data = new Float32Array(k ** 3 * width);
    if (isBayesian(layer)) {
      for (let row = 0; row < kernelVoxels; row++)
        data.set(kernels.subarray(row * slices + column, row * slices + column + width), row * width);
      column += width;
    } else {
      data.set(points.subarray(place, place + width));
      place += width;
    }
    result[name] = { shape: [k, k, k, inChannels, outChannels], data };
  }
  return result;
}

/** @throws RangeError naming the layer that is absent or has another shape */
export function arraysOfNamed(net: UnetArchitecture, named: NamedArrays, prefix = ''): UnetArrays {
  return arraysOfLayers(net, ({ name, kernelSize: k, inChannels, outChannels }) => {
    const array = named[prefix + name];
    const shape = [k, k, k, inChannels, outChannels];
    if (array === undefined || array.shape.join() !== shape.join())
      throw new RangeError(
        `layer ${name}: expected [${shape.join(', ')}], got ${array ? `[${array.shape.join(', ')}]` : 'nothing'}`,
      );
    return array.data;
  });
}
