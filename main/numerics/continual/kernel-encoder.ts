import { type Tensor, type Tensor2D, tensor2d, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import { encodeKernels, latentSize } from '../models/kernel-vae.ts';
import { kernelVoxels } from '../models/unet-weights.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import type { InputEncoder } from './input-encoder.ts';

/** Pseudo-kernels lie within so many spreads of zero. */
const reach = 8;

/** A kernel VAE's encoder over slices in units of the group's spread; `vae` holds the live encoder and `scale`, and stays the caller's. */
export const kernelEncoder = (vae: TensorRecord): InputEncoder => ({
  inputs: kernelVoxels,
  latent: latentSize,
  range: [-reach, reach],
  encode(input) {
    const run = (input: Tensor) => encodeKernels(vae, input.mul(vae['scale']!) as Tensor2D);
    const row = () => tensor2d(input, [1, kernelVoxels]);
    const code = tidy(() => ({ ...run(row()) }));
    const [mean, logVariance] = [code.mean, code.logVariance].map((values) => {
      const plain = Float64Array.from(values.dataSync<'float32'>());
      values.dispose();
      return plain;
    }) as [Float64Array, Float64Array]; // of two tensors
    return {
      mean,
      logVariance,
      pullBack(gradient) {
        const slope = tidy(() => {
          const [byMean, byLogVariance] = [gradient.mean, gradient.logVariance].map((values) =>
            tensor2d(Float32Array.from(values), [1, latentSize]),
          );
          const { grads } = valueAndGrads((values: Tensor) => {
            const moved = run(values);
            return moved.mean.mul(byMean!).sum().add(moved.logVariance.mul(byLogVariance!).sum());
          })([row()]);
          return grads[0]!;
        });
        const plain = slope.dataSync<'float32'>().slice();
        slope.dispose();
        return plain;
      },
    };
  },
});
