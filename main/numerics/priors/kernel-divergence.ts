import { gather, scalar, scatterND, type Tensor, tensor1d, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import { kernelLogBound, latentSize } from '../models/kernel-vae.ts';
import { kernelVoxels } from '../models/unet-weights.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey, uniforms } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';

/** Kernel VAEs by group of consecutive slices. */
export interface KernelPrior {
  readonly groups: readonly {
    /** Columns of `kernels` that this group's VAE speaks of: [from, to). */
    readonly from: number;
    readonly to: number;
    /** Frozen decoder (and scale) of the group's VAE. */
    readonly decoder: TensorRecord;
    /** Encoder parameters within the trained ones: name in the VAE to name there (`prior/group-1/...`). */
    readonly encoder: Readonly<Record<string, string>>;
  }[];
}

const log2PiE = Math.log(2 * Math.PI * Math.E);

/**
 * Unbiased estimate of KL_bound (methods 1.3) over all slices, in nats, with its gradients with respect to `kernels`,
 * `logVariance` and the encoders: the entropy of q exactly; the rest from one w and one z for each of a random subset
 * of slices in every group, scaled by group size over subset size. Call within a tidy.
 */
export function kernelDivergence(
  prior: KernelPrior,
  parameters: TensorRecord,
  slicesPerStep: number,
  key: RandomKey,
): { readonly divergence: Tensor; readonly gradients: Record<string, Tensor> } {
  const mean = parameters['kernels']!;
  const logVariance = parameters['logVariance']!;
  const slices = mean.shape[1]!;
  const negativeEntropy = logVariance.add(scalar(log2PiE)).sum().mul(scalar(-0.5));
  const gradients: Record<string, Tensor> = {};
  const rows: { index: Int32Array; mean: Tensor; logVariance: Tensor }[] = [];
  let divergence: Tensor = negativeEntropy;
  for (const [number, group] of prior.groups.entries()) {
    const size = group.to - group.from;
    const count = Math.min(size, Math.ceil((slicesPerStep * size) / slices));
    const stream = derive(key, 'group', number);
    const index = Int32Array.from(uniforms(derive(stream, 'slices'), count), (u) => group.from + Math.floor(u * size));
    const scale = scalar(size / count);
    const noise = fused().gaussianNoise(derive(stream, 'weights'), [count, kernelVoxels]);
    const latent = fused().gaussianNoise(derive(stream, 'latent'), [count, latentSize]);
    const names = Object.entries(group.encoder);
    const bound = (rowMean: Tensor, rowLogVariance: Tensor, ...encoder: Tensor[]) => {
      const weights = rowMean.add(rowLogVariance.mul(scalar(0.5)).exp().mul(noise)); // [n, 27]
      const vae = { ...group.decoder, ...Object.fromEntries(names.map(([name], n) => [name, encoder[n]!])) };
      return kernelLogBound(vae, weights as never, latent as never)
        .sum()
        .mul(scale)
        .neg();
    };
    const columns = tensor1d(index, 'int32');
    const rowsOf = (all: Tensor) => gather(all, columns, 1).transpose([1, 0]); // [n, 27]
    const { value, grads } = valueAndGrads(bound as never)([
      rowsOf(mean),
      rowsOf(logVariance),
      ...names.map(([, name]) => parameters[name]!),
    ]);
    divergence = divergence.add(value);
    rows.push({ index, mean: grads[0]!, logVariance: grads[1]! });
    for (const [n, [, name]] of names.entries()) gradients[name] = grads[n + 2]!;
  }
  const scatter = (name: 'mean' | 'logVariance') =>
    tidy(() => {
      const index = tensor1d(Int32Array.from(rows.flatMap((row) => [...row.index])), 'int32').expandDims(1);
      const [first, ...rest] = rows.map((row) => row[name]);
      const updates = rest.length > 0 ? first!.concat(rest, 0) : first!;
      return scatterND(index as never, updates, [slices, kernelVoxels]).transpose([1, 0]); // repeated slices add up
    });
  gradients['kernels'] = scatter('mean');
  gradients['logVariance'] = scatter('logVariance').sub(scalar(0.5));
  return { divergence, gradients };
}
