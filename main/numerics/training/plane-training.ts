import {
  losses,
  oneHot,
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tensor1d,
  tidy,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import {
  noisyConvolution,
  type PlaneLayer,
  plainConvolution,
  planeLayers,
  planeLogits,
  slicesOf,
} from '../models/plane-cnn.ts';
import { planeLogBound } from '../models/plane-kernel-vae.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord } from '../tensors/tensor-record.ts';
import { type AdamState, adamStep } from '../training/adam.ts';

/** What is believed of the convolutions' weights before the data. */
export type PlanePrior =
  /** Point estimates, no prior. */
  | { readonly kind: 'none' }
  /** N(0, 1) on each weight. */
  | { readonly kind: 'normal' }
  /** Improper log-uniform on each weight's size: KL by the approximation of Molchanov et al. 2017. */
  | { readonly kind: 'log-uniform' }
  /** A kernel VAE for each layer: its decoder frozen, its encoder among the parameters under `LAYER/encoder/...`. */
  | {
      readonly kind: 'kernels';
      readonly decoders: Readonly<Record<PlaneLayer, TensorRecord>>;
      readonly latent: Readonly<Record<PlaneLayer, number>>;
    };

export interface PlaneState {
  readonly step: number;
  readonly parameters: TensorRecord;
  readonly adam: AdamState;
}

export interface PlaneObjective {
  readonly prior: PlanePrior;
  /** Training images: the KL is divided by them. */
  readonly images: number;
  /** L2 on the convolutions, strength / 2 * ||w||^2; source nets are trained with it. */
  readonly decay: number;
  readonly rate: number;
  /** Parameters that stay as they are; none where absent. */
  readonly held?: readonly string[];
}

/** One step of Adam on a batch: mean cross-entropy plus KL / images. Takes over the state; the batch stays the caller's. */
export function planeStep(
  state: PlaneState,
  { images, labels }: { readonly images: Tensor4D; readonly labels: Tensor1D },
  objective: PlaneObjective,
  key: RandomKey,
): { readonly state: PlaneState; readonly loss: number } {
  const names = Object.keys(state.parameters).filter((name) => !objective.held?.includes(name));
  const { value, grads } = tidy(() =>
    valueAndGrads((...values: Tensor[]) => {
      const learned = Object.fromEntries(names.map((name, n) => [name, values[n]!]));
      const parameters: TensorRecord = { ...state.parameters, ...learned };
      const loss = crossEntropy(parameters, { images, labels }, objective.prior, key);
      const divergence = planeDivergence(parameters, objective.prior, derive(key, 'prior'));
      const decayed = planeLayers.reduce(
        (sum: Tensor, layer) =>
          sum.add(
            parameters[layer]!.square()
              .sum()
              .mul(scalar(objective.decay / 2)),
          ),
        scalar(0),
      );
      return loss.add(divergence.mul(scalar(1 / objective.images))).add(decayed);
    })(names.map((name) => state.parameters[name]!)),
  );
  const gradients = Object.fromEntries(names.map((name, n) => [name, grads[n]!]));
  const next = adamStep(state.adam, state.parameters, gradients, objective.rate);
  const loss = value.dataSync()[0]!;
  for (const name of names) state.parameters[name]!.dispose(); // those held go on
  disposeRecord({ ...gradients, value });
  return { state: { step: state.step + 1, parameters: next.parameters, adam: next.state }, loss };
}

function crossEntropy(
  parameters: TensorRecord,
  { images, labels }: { readonly images: Tensor4D; readonly labels: Tensor1D },
  prior: PlanePrior,
  key: RandomKey,
): Tensor {
  const convolve =
    prior.kind === 'none'
      ? plainConvolution(parameters)
      : noisyConvolution(parameters, (layer, shape) => fused().gaussianNoise(derive(key, layer), shape));
  return losses.softmaxCrossEntropy(oneHot(labels, 10), planeLogits(parameters, convolve, images));
}

/** KL(q || prior) in nats, or an unbiased estimate of its bound for `kernels`, over both convolutions. Within a tidy or a gradient. */
export function planeDivergence(parameters: TensorRecord, prior: PlanePrior, key: RandomKey): Tensor {
  if (prior.kind === 'none') return scalar(0);
  const parts = planeLayers.map((layer) => {
    const [mean, logVariance] = [parameters[layer]!, parameters[`${layer}/logVariance`]!];
    switch (prior.kind) {
      case 'normal':
        return logVariance.exp().add(mean.square()).sub(logVariance).sub(scalar(1)).sum().mul(scalar(0.5));
      case 'log-uniform':
        return logUniformDivergence(mean, logVariance);
      case 'kernels': {
        const noise = fused().gaussianNoise(derive(key, layer), mean.shape);
        const weights = slicesOf(mean.add(logVariance.mul(scalar(0.5)).exp().mul(noise)));
        const latent = fused().gaussianNoise(derive(key, layer, 'z'), [
          weights.shape[0],
          prior.latent[layer],
        ]) as Tensor2D;
        const prefix = `${layer}/`;
        const encoder = Object.fromEntries(
          Object.entries(parameters).flatMap(([name, value]) =>
            name.startsWith(`${prefix}encoder/`) ? [[name.slice(prefix.length), value]] : [],
          ),
        );
        const entropy = logVariance
          .add(scalar(Math.log(2 * Math.PI * Math.E)))
          .sum()
          .mul(scalar(0.5));
        return planeLogBound({ ...prior.decoders[layer], ...encoder }, weights, latent)
          .sum()
          .add(entropy)
          .neg();
      }
      default:
        throw prior satisfies never;
    }
  });
  return parts.reduce((sum: Tensor, part) => sum.add(part));
}

/** -KL is k1 sigmoid(k2 + k3 log alpha) - log(1 + 1 / alpha) / 2 - k1, alpha = variance / mean^2 (Molchanov et al. 2017, equation 14). */
function logUniformDivergence(mean: Tensor, logVariance: Tensor): Tensor {
  const logAlpha = logVariance.sub(mean.square().add(scalar(1e-16)).log());
  const [k1, k2, k3] = [0.63576, 1.8732, 1.48695];
  const bump = logAlpha.mul(scalar(k3)).add(scalar(k2)).sigmoid().mul(scalar(k1));
  return logAlpha.neg().exp().log1p().mul(scalar(0.5)).add(scalar(k1)).sub(bump).sum();
}

/** Classes of images: probabilities averaged over `samples` whole weight sets; one for point estimates. */
export function planeClasses(
  parameters: TensorRecord,
  images: Tensor4D,
  { samples, key }: { readonly samples: number; readonly key: RandomKey },
): Uint8Array {
  const isPoint = !parameters['conv-1/logVariance'];
  const classes = tidy(() => {
    const draw = (sample: number): Tensor => {
      const weights = { ...parameters };
      for (const layer of isPoint ? [] : planeLayers) {
        const noise = fused().gaussianNoise(derive(key, layer, sample), parameters[layer]!.shape);
        weights[layer] = parameters[layer]!.add(parameters[`${layer}/logVariance`]!.mul(scalar(0.5)).exp().mul(noise));
      }
      return planeLogits(weights, plainConvolution(weights), images).softmax();
    };
    const draws = Array.from({ length: isPoint ? 1 : samples }, (_, n) => n);
    return draws
      .map(draw)
      .reduce((sum, value) => sum.add(value))
      .argMax(1);
  });
  const values = Uint8Array.from(classes.dataSync());
  classes.dispose();
  return values;
}

/** Labels as the loss takes them; the caller disposes. */
export const labelTensor = (labels: Uint8Array): Tensor1D => tensor1d(Int32Array.from(labels), 'int32');
