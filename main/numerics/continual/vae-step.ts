import { keep, scalar, type Tensor, type Tensor2D, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import {
  bernoulliLogLikelihood,
  decodeLogits,
  denseOf,
  drawCodes,
  encodeImages,
  gaussianDivergence,
  gaussianLogDensity,
  type MlpVaeShape,
} from '../models/mlp-vae.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord } from '../tensors/tensor-record.ts';
import { type AdamState, adamDispose, adamInit, adamStep } from '../training/adam.ts';
import { anchorGradient, type ElasticAnchors } from './elastic-anchors.ts';
import { mixtureLogDensity } from './mixture-tensors.ts';
import {
  type EncoderPlaces,
  type ProtectedPast,
  type ProtectionTargets,
  protectionTargets,
  protectionTerms,
} from './protection.ts';
import { priorMixture, type TrainingPrior } from './training-prior.ts';

/** A VAE between two steps; owns its tensors. */
export interface VaeState {
  readonly step: number;
  /** Weights of the network, and under `prior/` what the task's prior learns. */
  readonly parameters: TensorRecord;
  readonly adam: AdamState;
}

/** What one step learns from. */
export interface VaeObjective {
  readonly shape: MlpVaeShape;
  readonly prior: TrainingPrior;
  readonly klWeight: number;
  readonly rate: number;
  /** Anchors of all past tasks, and the weight of their penalty a training image. */
  readonly elastic?: { readonly anchors: ElasticAnchors; readonly weight: number };
  /** Boosting's two terms, and their weight beside one training image. */
  readonly protection?: {
    readonly past: ProtectedPast;
    readonly weight: number;
    readonly draws: number;
    readonly encoderAt: EncoderPlaces;
  };
}

/** Means a training image, nats. */
export interface VaeStepInfo {
  readonly loss: number;
  readonly fit: number;
  readonly divergence: number;
  readonly protection: number;
}

export const startVae = (parameters: TensorRecord): VaeState => ({
  step: 0,
  parameters,
  adam: adamInit(parameters),
});

export function disposeVae({ parameters, adam }: VaeState): void {
  disposeRecord(parameters);
  adamDispose(adam);
}

/** One step of Adam on a batch [B, pixels]; takes over the state. */
export function vaeStep(
  state: VaeState,
  images: Tensor2D,
  objective: VaeObjective,
  key: RandomKey,
): readonly [VaeState, VaeStepInfo] {
  const { shape, protection, elastic } = objective;
  const names = Object.keys(state.parameters);
  const noise = fused().gaussianNoise(derive(key, 'latent', state.step), [images.shape[0], shape.latent]) as Tensor2D;
  const targets = protection && protectionTargets(shape, protection.past, protection, derive(key, 'past', state.step));
  const parts: Tensor[] = [];
  const { value, grads } = tidy(() =>
    valueAndGrads((...values: Tensor[]) => {
      const parameters = Object.fromEntries(names.map((name, n) => [name, values[n]!]));
      const terms = lossTerms(parameters, { images, noise, targets }, objective);
      parts.push(...[terms.fit, terms.divergence, terms.protection].map(kept));
      return terms.loss;
    })(names.map((name) => state.parameters[name]!)),
  );
  const gradients = Object.fromEntries(names.map((name, n) => [name, grads[n]!]));
  if (elastic) addPenalty(gradients, anchorGradient(elastic.anchors, state.parameters), elastic.weight);
  const next = adamStep(state.adam, state.parameters, gradients, objective.rate);
  const [loss, fit, divergence, held] = [value, ...parts].map((one) => one.dataSync()[0]!);
  disposeRecord(state.parameters);
  disposeRecord(gradients); // under the parameters' names
  disposeRecord({ ...targets, value, noise });
  for (const part of parts) part.dispose();
  const info = { loss: loss!, fit: fit!, divergence: divergence!, protection: held! };
  return [{ step: state.step + 1, parameters: next.parameters, adam: next.state }, info];
}

/** A copy of a scalar that outlives the pass; its caller disposes it. */
const kept = (value: Tensor): Tensor => keep(value.clone());

interface StepInputs {
  readonly images: Tensor2D;
  readonly noise: Tensor2D;
  readonly targets: ProtectionTargets | undefined;
}

function lossTerms(parameters: TensorRecord, { images, noise, targets }: StepInputs, objective: VaeObjective) {
  const { shape, prior, klWeight, protection } = objective;
  const dense = denseOf(parameters);
  const code = encodeImages(shape, dense, images);
  const z = drawCodes(code, noise);
  const fit = bernoulliLogLikelihood(decodeLogits(dense, z), images).mean().neg();
  const mixture = priorMixture(prior, shape, parameters);
  const divergence =
    prior.kind === 'standard'
      ? gaussianDivergence(code, mixture).mean()
      : gaussianLogDensity(code, z).sub(mixtureLogDensity(mixture, z)).mean();
  const own = fit.add(divergence.mul(scalar(klWeight)));
  if (!targets || !protection) return { loss: own, fit, divergence, protection: scalar(0) };
  const { decoder, encoder } = protectionTerms(shape, dense, targets);
  const held = decoder.add(encoder);
  return { loss: own.add(held.mul(scalar(protection.weight))), fit, divergence, protection: held };
}

function addPenalty(gradients: Record<string, Tensor>, penalty: TensorRecord, weight: number): void {
  for (const [name, slope] of Object.entries(penalty)) {
    const before = gradients[name]!;
    gradients[name] = tidy(() => before.add(slope.mul(scalar(weight))));
    before.dispose();
    slope.dispose();
  }
}

/** Mean negative evidence bound of images [N, pixels], one draw each, nats an image. */
export function meanNegativeBound(
  parameters: TensorRecord,
  { shape, prior }: Pick<VaeObjective, 'shape' | 'prior'>,
  images: Tensor2D,
  key: RandomKey,
): number {
  const value = tidy(() => {
    const noise = fused().gaussianNoise(key, [images.shape[0], shape.latent]) as Tensor2D;
    return lossTerms(parameters, { images, noise, targets: undefined }, { shape, prior, klWeight: 1, rate: 0 }).loss;
  });
  const [bound] = value.dataSync();
  value.dispose();
  return bound!;
}
