import {
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { decodeKernels, encodeKernels, type Gaussian, gaussianLogDensity, latentSize } from '../models/kernel-vae.ts';
import { gaussianDivergence } from '../models/mlp-vae.ts';
import { kernelVoxels } from '../models/unet-weights.ts';
import { drawBatch, type KernelVaeState } from '../priors/kernel-vae-training.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord } from '../tensors/tensor-record.ts';
import { adamStep } from '../training/adam.ts';
import type { BoostedPrior } from './boosting.ts';
import { type DiagonalMixture, sampleMixture } from './diagonal-mixture.ts';
import { mixtureLogDensity } from './mixture-tensors.ts';

/** A kernel VAE as it was before the update, and its prior over codes: all that is known of past kernels. */
export interface KernelPast {
  /** Weights with `scale`; the caller's. */
  readonly vae: TensorRecord;
  readonly mixture: DiagonalMixture;
  /** Of the two protecting terms beside one kernel's bound; 0 is plain fine-tuning. */
  readonly weight: number;
}

export interface KernelUpdateSettings {
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
}

export interface KernelUpdateInfo {
  /** Mean negative evidence bound of the new kernels under the new task's own prior, nats a slice. */
  readonly loss: number;
  /** The two protecting terms, nats. */
  readonly protection: number;
}

/**
 * One step of BooVAE over kernels (methods 4 and 5): the bound of new kernels [n, 27] under the components that boosting has found so far,
 * and KL(old decoder || new) at codes of the old prior and KL(old encoder || new) at the kernels that the old decoder makes of them. No old
 * kernel is seen. Takes over the state.
 */
export function kernelUpdateStep(
  state: KernelVaeState,
  kernels: Float32Array,
  {
    settings,
    boosted,
    past,
  }: { readonly settings: KernelUpdateSettings; readonly boosted: BoostedPrior; readonly past: KernelPast },
  key: RandomKey,
): { readonly state: KernelVaeState; readonly info: KernelUpdateInfo } {
  const names = Object.keys(state.parameters);
  const batch = drawBatch(kernels, settings.batch, derive(key, 'batch', state.step));
  const noise = fused().gaussianNoise(derive(key, 'latent', state.step), [settings.batch, latentSize]) as Tensor2D;
  const held = past.weight > 0 ? protectedPlaces(past, settings.batch, derive(key, 'past', state.step)) : undefined;
  const inputs = tensor2d(Float32Array.from(boosted.inputs.flatMap((input) => Array.from(input))), [
    boosted.inputs.length,
    kernelVoxels,
  ]);
  const logWeights = tensor1d(Float32Array.from(boosted.logWeights));
  let protection = 0;
  const { value, grads } = tidy(() =>
    valueAndGrads((...values: Tensor[]) => {
      const vae = { ...Object.fromEntries(names.map((name, n) => [name, values[n]!])), scale: state.scale };
      const bound = boundUnder(vae, batch, { noise, inputs, logWeights });
      if (!held) return bound;
      const terms = protectingTerms(vae, held);
      protection = terms.dataSync()[0]!;
      return bound.add(terms.mul(scalar(past.weight)));
    })(names.map((name) => state.parameters[name]!)),
  );
  const gradients = Object.fromEntries(names.map((name, n) => [name, grads[n]!]));
  const share = state.step / settings.steps;
  const next = adamStep(state.adam, state.parameters, gradients, settings.rate * 0.5 * (1 + Math.cos(Math.PI * share)));
  const total = value.dataSync()[0]!;
  disposeRecord(state.parameters);
  disposeRecord({ ...gradients, value, batch, noise, inputs, logWeights });
  if (held) disposeRecord({ ...held });
  const info = { loss: total - past.weight * protection, protection };
  return { state: { ...state, step: state.step + 1, parameters: next.parameters, adam: next.state }, info };
}

/** Mean negative bound where p(z) is the mixture of q(z|u) over pseudo-kernels u, in units of the spread. */
function boundUnder(
  vae: TensorRecord,
  batch: Tensor2D,
  { noise, inputs, logWeights }: { readonly noise: Tensor2D; readonly inputs: Tensor2D; readonly logWeights: Tensor1D },
): Tensor {
  const code = encodeKernels(vae, batch);
  const z = drawn(code, noise);
  const components = encodeKernels(vae, inputs.mul(vae['scale']!) as Tensor2D);
  const divergence = gaussianLogDensity(code, z).sub(mixtureLogDensity({ ...components, logWeights }, z));
  return divergence.sub(gaussianLogDensity(decodeKernels(vae, z), batch)).mean();
}

const drawn = ({ mean, logVariance }: Gaussian, noise: Tensor2D): Tensor2D =>
  mean.add(logVariance.mul(scalar(0.5)).exp().mul(noise));

/** Codes of the old prior, kernels that the old decoder draws there, and what the old network says of both. */
function protectedPlaces({ vae, mixture }: KernelPast, count: number, key: RandomKey) {
  return tidy(() => {
    const codes = tensor2d(Float32Array.from(sampleMixture(mixture, count, derive(key, 'codes'))), [count, latentSize]);
    const decoded = decodeKernels(vae, codes);
    const noise = fused().gaussianNoise(derive(key, 'kernels'), [count, kernelVoxels]) as Tensor2D;
    const kernels = drawn(decoded, noise);
    const encoded = encodeKernels(vae, kernels);
    return {
      codes,
      kernels,
      decodedMean: decoded.mean,
      decodedSpread: decoded.logVariance,
      codeMean: encoded.mean,
      codeSpread: encoded.logVariance,
    };
  });
}

function protectingTerms(vae: TensorRecord, held: ReturnType<typeof protectedPlaces>): Tensor {
  const decoder = gaussianDivergence(
    { mean: held.decodedMean, logVariance: held.decodedSpread },
    decodeKernels(vae, held.codes),
  );
  const encoder = gaussianDivergence(
    { mean: held.codeMean, logVariance: held.codeSpread },
    encodeKernels(vae, held.kernels),
  );
  return decoder.mean().add(encoder.mean());
}
