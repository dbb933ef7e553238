import { gather, type Tensor2D, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { chooseByWeight } from '../continual/diagonal-mixture.ts';
import {
  codePrior,
  codePriorNames,
  decodeKernels,
  decoderNames,
  encoderNames,
  latentSize,
} from '../models/kernel-vae.ts';
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
    const decoder = toTensors(generative(stored, prefix));
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
    const decoder = toTensors(generative(stored, `group-${group}/`));
    const values = drawKernels(decoder, to - from, derive(key, 'group', group));
    for (let n = 0; n < to - from; n++) {
      for (let row = 0; row < kernelVoxels; row++) kernels[row * slices + from + n] = values[n * kernelVoxels + row]!;
    }
    disposeRecord(decoder);
  }
  return kernels;
}

/** z ~ p(z), [count, 6]. */
function drawLatents(vae: TensorRecord, count: number, key: RandomKey): Tensor2D {
  const noise = fused().gaussianNoise(derive(key, 'latent'), [count, latentSize]) as Tensor2D;
  const mixture = codePrior(vae);
  if (!mixture) return noise;
  const logWeights = Float64Array.from(mixture.logWeights.dataSync<'float32'>());
  const chosen = tensor1d(Int32Array.from(chooseByWeight(logWeights, count, derive(key, 'component'))), 'int32');
  const deviation = gather(mixture.logVariance, chosen).mul(tensor(0.5)).exp();
  return gather(mixture.mean, chosen).add(deviation.mul(noise)) as Tensor2D;
}

/** `count` kernels drawn from one group's VAE, [count, 27] row-major. */
export function drawKernels(vae: TensorRecord, count: number, key: RandomKey): Float32Array {
  const result = tidy(() => {
    const { mean, logVariance } = decodeKernels(vae, drawLatents(vae, count, key));
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

/** `snapshot-1/`, `snapshot-2/` and so on: the source net as it was at the end of its later cycles. None in priors made before they were kept. */
export const snapshotPrefixes = (stored: NamedArrays): readonly string[] => [
  ...new Set(Object.keys(stored).flatMap((name) => /^snapshot-\d+\//.exec(name)?.[0] ?? [])),
];

/** Decoder, scale and, in an updated prior, the mixture over codes. */
const generative = (stored: NamedArrays, prefix: string): NamedArrays =>
  part(stored, prefix, [...decoderNames, 'scale', ...codePriorNames.filter((name) => stored[prefix + name])]);

const part = (stored: NamedArrays, prefix: string, names: readonly string[]): NamedArrays =>
  Object.fromEntries(names.map((name) => [name, need(stored, prefix + name)]));

function need(stored: NamedArrays, name: string) {
  const array = stored[name];
  if (!array) throw new RangeError(`the prior lacks ${name}`);
  return array;
}
