import { scalar, type Tensor, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { fused } from '../tensors/fused/fused-functions.ts';
import { derive, type RandomKey } from '../tensors/random.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import { localReparameterisationGradient } from './local-reparameterisation.ts';
import type { Objective } from './objective.ts';
import { boundedGradient, type Pursuit, pursuitTerm } from './pursuit-term.ts';
import { type Example, segmentationGradient } from './segmentation-gradient.ts';
import type { GradientSettings, VariationalGradient } from './variational-gradient.ts';

/** How the noise of q reaches the loss in training (methods 1.3): one weight set a step, antithetic over the batch, or a draw per activation. */
export type NoiseForm = 'weights' | 'activations';

/** KL of q to the prior in nats, exact or an unbiased estimate, with its gradients: `kernels`, `logVariance` and the prior's trained parameters. */
export type WeightDivergence = (
  parameters: TensorRecord,
  key: RandomKey,
) => { readonly divergence: Tensor; readonly gradients: Record<string, Tensor> };

export interface VariationalSettings {
  /** See `segmentationLoss`. */
  readonly diceWeight?: number;
  readonly noise: NoiseForm;
  readonly divergence: WeightDivergence;
  /** beta / (N V): weight of the KL in nats beside the data loss. */
  readonly klWeight: number;
  /** The old mixture that a new component is driven away from; absent where q is fitted by itself. */
  readonly pursuit?: Pursuit | undefined;
}

/**
 * Variational inference (methods 1.3): q(w) = N(kernels, exp(logVariance)) on the 3^3 kernels, loss = data + klWeight * KL.
 * Parameters `kernels`, `logVariance` [27, slices], `points`, and what of the prior is fine-tuned with q: a Deep Weight Prior's encoders
 * `prior/...`. With a pursuit the loss gains klWeight times its term.
 */
export function variationalObjective(net: UnetArchitecture, settings: VariationalSettings): Objective {
  const dataGradient = settings.noise === 'weights' ? sampledWeightsGradient : localReparameterisationGradient;
  return {
    gradient(parameters, batch, key) {
      const { gradients, info } = tidy(() => {
        const data = dataGradient(net, parameters, batch, {
          key: derive(key, 'noise'),
          diceWeight: settings.diceWeight,
        });
        const prior = settings.divergence(parameters, derive(key, 'prior'));
        const pursued = settings.pursuit && pursuitTerm(settings.pursuit, parameters, derive(key, 'pursuit'));
        const weight = scalar(settings.klWeight);
        const gradients: Record<string, Tensor> = { points: data.points };
        for (const [name, gradient] of Object.entries(prior.gradients)) gradients[name] = gradient.mul(weight);
        gradients['kernels'] = data.kernels.add(gradients['kernels']!);
        gradients['logVariance'] = data.logVariance.add(gradients['logVariance']!);
        if (settings.pursuit && pursued) {
          gradients['kernels'] = gradients['kernels'].add(pursued.gradients.kernels.mul(weight));
          const total = gradients['logVariance'].add(pursued.gradients.logVariance.mul(weight));
          const { greatestLogVariance } = settings.pursuit;
          gradients['logVariance'] = boundedGradient(total, parameters['logVariance']!, greatestLogVariance);
        }
        const kl = pursued ? prior.divergence.add(pursued.value) : prior.divergence;
        return { gradients, info: { dataLoss: data.loss, kl } };
      });
      const kl = info.kl.dataSync()[0]! * settings.klWeight;
      const dataLoss = info.dataLoss.dataSync()[0]!;
      info.kl.dispose();
      info.dataLoss.dispose();
      return { gradients, info: { loss: dataLoss + kl, dataLoss, kl } };
    },
  };
}

/** w = mean + s * deviation * noise, s = +1, -1, +1, ... over the batch, one noise for each pair. Unbiased. */
function sampledWeightsGradient(
  net: UnetArchitecture,
  parameters: TensorRecord,
  batch: readonly Example[],
  { key, diceWeight }: GradientSettings,
): VariationalGradient {
  const mean = parameters['kernels'] as Tensor2D;
  const deviation = parameters['logVariance']!.mul(scalar(0.5)).exp();
  const share = scalar(1 / batch.length);
  const each = batch.map((example, place) =>
    tidy(() => {
      const noise = fused().gaussianNoise(derive(key, 'pair', Math.floor(place / 2)), mean.shape);
      const shift = deviation.mul(noise).mul(scalar(place % 2 === 0 ? 1 : -1));
      const at = { kernels: mean.add(shift) as Tensor2D, points: parameters['points'] as never }; // a Tensor1D, as made at the start
      const gradient = segmentationGradient(net, at, example, diceWeight);
      return {
        loss: gradient.loss.mul(share),
        kernels: gradient.kernels.mul(share),
        logVariance: gradient.kernels.mul(shift).mul(share).mul(scalar(0.5)), // d w / d logVariance = shift / 2
        points: gradient.points.mul(share),
      };
    }),
  );
  const sum = (name: keyof VariationalGradient): Tensor =>
    each.map((one): Tensor => one[name]).reduce((total, value) => total.add(value));
  return { loss: sum('loss'), kernels: sum('kernels'), logVariance: sum('logVariance'), points: sum('points') };
}
