import { type Scalar, scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import type { UnetWeights } from '../models/unet-weights.ts';
import type { TensorRecord } from '../tensors/tensor-record.ts';
import { batchGradient } from './batch-gradient.ts';
import type { Objective } from './objective.ts';

export interface PointSettings {
  /** See `segmentationLoss`. */
  readonly diceWeight?: number;
  /** 1 where a weight is trained, 0 where it is frozen; all are trained when absent (PRf: methods 1.4). */
  readonly mask?: UnetWeights;
  /** L2-SP (Li et al. 2018): strength / 2 * ||w - centre||^2, the centre being the pretrained weights. */
  readonly pull?: { readonly centre: UnetWeights; readonly strength: number };
  /** strength / 2 * ||kernels||^2 on the 3^3 kernels: instance norm makes their scale arbitrary, so what training does not need fades. */
  readonly decay?: number;
}

/** Point estimate of all weights: random start, fine-tuning, partial fine-tuning and L2-SP. Parameters `kernels`, `points`. */
export function pointObjective(net: UnetArchitecture, settings: PointSettings = {}): Objective {
  return {
    gradient(parameters, batch) {
      const weights = parameters as TensorRecord & UnetWeights; // made by this method's start
      const [kernels, points, loss] = tidy((): [Tensor, Tensor, Scalar] => {
        const data = batchGradient(net, weights, batch, settings.diceWeight);
        const shaped = (name: 'kernels' | 'points'): Tensor => {
          const pulled = addPull(data[name], weights[name], settings.pull, name);
          const decayed =
            settings.decay && name === 'kernels' ? pulled.add(weights.kernels.mul(scalar(settings.decay))) : pulled;
          return settings.mask ? decayed.mul(settings.mask[name]) : decayed;
        };
        return [shaped('kernels'), shaped('points'), data.loss];
      });
      const dataLoss = loss.dataSync()[0]!;
      loss.dispose();
      return { gradients: { kernels, points }, info: { loss: dataLoss, dataLoss } };
    },
  };
}

const addPull = (gradient: Tensor, weight: Tensor, pull: PointSettings['pull'], name: 'kernels' | 'points'): Tensor =>
  pull ? gradient.add(weight.sub(pull.centre[name]).mul(scalar(pull.strength))) : gradient;
