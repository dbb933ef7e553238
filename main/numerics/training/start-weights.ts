import { tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import type { NamedArrays } from '../models/named-arrays.ts';
import type { UnetArchitecture, UnetLayer } from '../models/unet-layers.ts';
import { arraysOfLayers, countWeights, kernelVoxels, layersOfArrays, type UnetArrays } from '../models/unet-weights.ts';

/**
 * The source net's weights where the layer has the same shape; the head is a random one; a first layer for other channels takes the source's mean.
 * @param prefix of the source net's layers among the stored arrays
 */
export function pretrainedArrays(
  net: UnetArchitecture,
  stored: NamedArrays,
  random: UnetArrays,
  prefix = 'start/',
): UnetArrays {
  const fresh = layerSlices(net, random);
  return arraysOfLayers(net, (layer) => {
    const source = stored[prefix + layer.name];
    if (layer.name === 'head' || !source) return fresh(layer);
    const [, , , inChannels, outChannels] = source.shape as [number, number, number, number, number];
    if (inChannels === layer.inChannels && outChannels === layer.outChannels) return source.data;
    if (layer.name === 'input' && inChannels === 1) return repeatChannels(source.data, layer);
    return fresh(layer);
  });
}

function repeatChannels(single: Float32Array, { inChannels, outChannels }: UnetLayer): Float32Array {
  const filter = new Float32Array(kernelVoxels * inChannels * outChannels);
  for (let n = 0; n < filter.length; n++)
    filter[n] = single[Math.floor(n / (inChannels * outChannels)) * outChannels + (n % outChannels)]! / inChannels;
  return filter;
}

function layerSlices(net: UnetArchitecture, arrays: UnetArrays): (layer: UnetLayer) => Float32Array {
  const layers = layersOfArrays(net, arrays);
  return ({ name }) => layers[name]!.data;
}

/** PRf trains the input convolution, the last up block and the head (methods 1.4). */
export const outerMask = (net: UnetArchitecture): UnetArrays =>
  arraysOfLayers(net, ({ name, kernelSize, inChannels, outChannels }) =>
    new Float32Array(kernelSize ** 3 * inChannels * outChannels).fill(
      name === 'input' || name === 'head' || name.startsWith('up-3/') ? 1 : 0,
    ),
  );

export const tensorsOf = (net: UnetArchitecture, { kernels, points }: UnetArrays) => ({
  kernels: tensor2d(kernels, [kernelVoxels, countWeights(net).slices]),
  points: tensor1d(points),
});

export const namedPoint = (net: UnetArchitecture, { kernels, points }: UnetArrays): NamedArrays => ({
  kernels: { shape: [kernelVoxels, countWeights(net).slices], data: kernels },
  points: { shape: [points.length], data: points },
});

export const pointArrays = (parameters: NamedArrays): UnetArrays => ({
  kernels: parameters['kernels']!.data,
  points: parameters['points']!.data,
});
