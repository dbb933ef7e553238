import { type Tensor2D, tensor, tidy } from '@tensorflow/tfjs-core';
import { decodeKernels, decoderNames, encoderNames, latentSize } from '../models/kernel-vae.ts';
import type { NamedArrays } from '../models/named-arrays.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, kernelVoxels } from '../models/unet-weights.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord, toTensors } from '../tensors/tensor-record.ts';
import type { KernelPrior } from './kernel-divergence.ts';
import { groupRanges } from './kernel-groups.ts';

/** What the Deep Weight Prior needs of a stored prior. */
export interface PriorGroups {
  /** Holds the frozen decoders' tensors for as long as the training lives. */
  readonly prior: KernelPrior;
  /** Deviation of the kernels of group 1 to 7. */
  readonly spread: readonly number[];
  /** Encoders under their names among the trained parameters (`prior/group-1/...`). */
  readonly encoders: NamedArrays;
}

/** @throws RangeError where the prior lacks a group */
export function priorGroups(net: UnetArchitecture, stored: NamedArrays): PriorGroups {
  const groups = groupRanges(net).map(({ group, from, to }) => {
    const prefix = `group-${group}/`;
    const decoder = toTensors(part(stored, prefix, [...decoderNames, 'scale']));
    return {
      group,
      from,
      to,
      decoder,
      encoder: Object.fromEntries(encoderNames.map((name) => [name, `prior/${prefix}${name}`])),
    };
  });
  const encoders = groups.flatMap(({ group, encoder }) =>
    Object.entries(encoder).map(([name, trained]) => [trained, need(stored, `group-${group}/${name}`)] as const),
  );
  return {
    prior: { groups: groups.map(({ from, to, decoder, encoder }) => ({ from, to, decoder, encoder })) },
    spread: groups.map(({ group }) => need(stored, `group-${group}/scale`).data[0]!),
    encoders: Object.fromEntries(encoders),
  };
}

/** One draw of every kernel of a network from the prior, [27, slices] row-major: z ~ N(0, I), w ~ p(w|z). */
export function sampleKernels(net: UnetArchitecture, stored: NamedArrays, key: RandomKey): Float32Array {
  const { slices } = countWeights(net);
  const kernels = new Float32Array(kernelVoxels * slices);
  for (const { group, from, to } of groupRanges(net)) {
    const decoder = toTensors(part(stored, `group-${group}/`, [...decoderNames, 'scale']));
    const values = drawKernels(decoder, to - from, derive(key, 'group', group));
    for (let n = 0; n < to - from; n++) {
      for (let row = 0; row < kernelVoxels; row++) kernels[row * slices + from + n] = values[n * kernelVoxels + row]!;
    }
    disposeRecord(decoder);
  }
  return kernels;
}

/** `count` kernels drawn from one group's VAE, [count, 27] row-major. */
export function drawKernels(vae: TensorRecord, count: number, key: RandomKey): Float32Array {
  const result = tidy(() => {
    const { mean, logVariance } = decodeKernels(
      vae,
      fused().gaussianNoise(derive(key, 'latent'), [count, latentSize]) as Tensor2D,
    );
    return mean.add(
      logVariance
        .mul(tensor(0.5))
        .exp()
        .mul(fused().gaussianNoise(derive(key, 'weights'), mean.shape)),
    );
  });
  const values = result.dataSync<'float32'>().slice();
  result.dispose();
  return values;
}

const part = (stored: NamedArrays, prefix: string, names: readonly string[]): NamedArrays =>
  Object.fromEntries(names.map((name) => [name, need(stored, prefix + name)]));

function need(stored: NamedArrays, name: string) {
  const array = stored[name];
  if (!array) throw new RangeError(`the prior lacks ${name}`);
  return array;
}
