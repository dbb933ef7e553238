import { scalar, type Tensor, type Tensor2D, tensor2d, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import { kernelEvidence, kernelLogEvidence, kernelVaeStart, latentSize } from '../models/kernel-vae.ts';
import type { NamedArrays } from '../models/named-arrays.ts';
import { kernelVoxels } from '../models/unet-weights.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey, uniforms } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord, toArrays, toTensors } from '../tensors/tensor-record.ts';
import { type AdamState, adamDispose, adamInit, adamStep } from '../training/adam.ts';

export interface KernelVaeSettings {
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  /** The KL's weight rises linearly from 0 to 1 over this share of the steps. */
  readonly warmUp: number;
}

/** The authors' batch and warm-up (methods 1.2); the rate falls to 0 along half a cosine, from twice their constant 5e-4. */
export const defaultKernelVae = { batch: 128, rate: 1e-3, warmUp: 0.2 } as const;

/** A kernel VAE between two steps; owns its tensors. */
export interface KernelVaeState {
  readonly step: number;
  readonly parameters: TensorRecord;
  readonly scale: Tensor;
  readonly adam: AdamState;
}

export function startKernelVae(spread: number, key: RandomKey): KernelVaeState {
  const { scale, ...parameters } = toTensors(kernelVaeStart(spread, key));
  return { step: 0, parameters, scale: scale!, adam: adamInit(parameters) };
}

/** A VAE that goes on from stored weights (with `scale`). */
export function resumeKernelVae(vae: NamedArrays): KernelVaeState {
  const { scale, ...parameters } = toTensors(vae);
  return { step: 0, parameters, scale: scale!, adam: adamInit(parameters) };
}

/** One step on a random batch of kernels [n, 27]; takes over the state. `info.loss` is the mean negative evidence bound, nats a slice. */
export function kernelVaeStep(
  state: KernelVaeState,
  kernels: Float32Array,
  settings: KernelVaeSettings,
  key: RandomKey,
): { readonly state: KernelVaeState; readonly info: { readonly loss: number } } {
  const names = Object.keys(state.parameters);
  const share = state.step / settings.steps;
  const klWeight = Math.min(1, share / settings.warmUp);
  const batch = drawBatch(kernels, settings.batch, derive(key, 'batch', state.step));
  const noise = fused().gaussianNoise(derive(key, 'latent', state.step), [settings.batch, latentSize]) as Tensor2D;
  const { value, grads } = tidy(() =>
    valueAndGrads((...values: Tensor[]) => {
      const vae = { ...Object.fromEntries(names.map((name, n) => [name, values[n]!])), scale: state.scale };
      const { logLikelihood, divergence } = kernelEvidence(vae, batch, noise);
      return divergence.mul(scalar(klWeight)).sub(logLikelihood).mean();
    })(names.map((name) => state.parameters[name]!)),
  );
  const gradients = Object.fromEntries(names.map((name, n) => [name, grads[n]!]));
  const next = adamStep(state.adam, state.parameters, gradients, settings.rate * 0.5 * (1 + Math.cos(Math.PI * share)));
  const loss = value.dataSync()[0]!;
  disposeRecord(state.parameters);
  disposeRecord({ ...gradients, value, batch, noise });
  return { state: { ...state, step: state.step + 1, parameters: next.parameters, adam: next.state }, info: { loss } };
}

/** Parameters and scale by name; the state stays. */
export const kernelVaeArrays = ({ parameters, scale }: KernelVaeState): NamedArrays =>
  toArrays({ ...parameters, scale });

export function disposeKernelVae({ parameters, scale, adam }: KernelVaeState): void {
  disposeRecord({ ...parameters, scale });
  adamDispose(adam);
}

/** Importance-sampled log p(w) of kernels [n, 27], nats a slice. */
export function kernelLogDensities(
  vae: NamedArrays,
  kernels: Float32Array,
  samples: number,
  key: RandomKey,
): Float32Array {
  const tensors = toTensors(vae);
  const count = kernels.length / kernelVoxels;
  const result = new Float32Array(count);
  const chunk = 1024;
  for (let from = 0; from < count; from += chunk) {
    const size = Math.min(chunk, count - from);
    const values = tidy(() => {
      const weights = tensor2d(kernels.subarray(from * kernelVoxels, (from + size) * kernelVoxels), [
        size,
        kernelVoxels,
      ]);
      const noises = Array.from(
        { length: samples },
        (_, n) => fused().gaussianNoise(derive(key, from, n), [size, latentSize]) as Tensor2D,
      );
      return kernelLogEvidence(tensors, weights, noises);
    });
    result.set(values.dataSync<'float32'>(), from);
    values.dispose();
  }
  disposeRecord(tensors);
  return result;
}

/** Kernels drawn with replacement, [size, 27]. */
export function drawBatch(kernels: Float32Array, size: number, key: RandomKey): Tensor2D {
  const count = kernels.length / kernelVoxels;
  const batch = new Float32Array(size * kernelVoxels);
  for (const [n, u] of uniforms(key, size).entries()) {
    const from = Math.floor(u * count) * kernelVoxels;
    batch.set(kernels.subarray(from, from + kernelVoxels), n * kernelVoxels);
  }
  return tensor2d(batch, [size, kernelVoxels]);
}
