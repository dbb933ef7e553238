import type { NamedArrays } from '../models/named-arrays.ts';
import { randomArrays, type UnetArrays, type UnetWeights } from '../models/unet-weights.ts';
import { derive } from '../tensors/random.ts';
import { type PointSettings, pointObjective } from './point-objective.ts';
import { namedPoint, outerMask, pointArrays, pretrainedArrays, tensorsOf } from './start-weights.ts';
import type { MethodInput, TrainingMethod } from './training-method.ts';
import { deepWeightPrior, snapshotPrior } from './variational-methods.ts';

/** The arms of methods 1.4 (an ensemble is several `ri`). */
export type MethodName = 'ri' | 'pr' | 'prf' | 'l2sp' | 'dwp' | 'lowrank';

/** @throws RangeError where the method needs a prior that is absent or was learned for another network */
export function trainingMethod(name: MethodName, input: MethodInput): TrainingMethod {
  const { net, key, settings } = input;
  const random = randomArrays(net, derive(key, 'start'));
  const pretrained = () => input.from?.mean ?? pretrainedArrays(net, need(input.prior, name), random);
  const point = (weights: UnetArrays, settings: PointSettings, held: readonly UnetWeights[] = []): TrainingMethod => ({
    start: () => namedPoint(net, weights),
    objective: pointObjective(net, { diceWeight: input.settings.diceWeight, ...settings }),
    posterior: (parameters) => ({ kind: 'point', weights: pointArrays(parameters) }),
    dispose: () => {
      for (const { kernels, points } of held) {
        kernels.dispose();
        points.dispose();
      }
    },
  });
  switch (name) {
    case 'ri':
      return point(random, { decay: settings.decay });
    case 'pr':
      return point(pretrained(), {});
    case 'prf': {
      const mask = tensorsOf(net, outerMask(net));
      return point(pretrained(), { mask }, [mask]);
    }
    case 'l2sp': {
      const weights = pretrained();
      const centre = tensorsOf(net, weights);
      return point(weights, { pull: { centre, strength: settings.pull } }, [centre]);
    }
    case 'dwp':
      return deepWeightPrior(input, need(input.prior, name), random);
    case 'lowrank':
      return snapshotPrior(input, need(input.prior, name), random);
    default:
      throw name satisfies never;
  }
}

const need = (prior: NamedArrays | undefined, method: string): NamedArrays => {
  if (!prior) throw new RangeError(`method ${method} needs a prior`);
  return prior;
};
