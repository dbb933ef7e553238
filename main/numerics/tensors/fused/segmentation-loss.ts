import { logSoftmax, type Scalar, scalar, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { bindAxes } from '../axes.ts';

/** Share of soft Dice in the loss of methods 1.3; the rest is cross-entropy. */
export const authorsDiceWeight = 0.99;
export const diceSmoothing = 1e-3;

/**
 * Soft Dice over the foreground classes (Milletari et al. 2016) and cross-entropy, from log-softmax (methods 1.3).
 * Dice is taken per sample and class, then averaged; cross-entropy is the mean over voxels.
 * @param logits [B, D, H, W, K]
 * @param truth one-hot [B, D, H, W, K]
 * @param diceWeight share of soft Dice; the rest is cross-entropy
 */
export function segmentationLoss(logits: Tensor5D, truth: Tensor5D, diceWeight: number): Scalar {
  const { B, D, H, W, K } = bindAxes(logits.shape, 'B D H W K', 'logits');
  bindAxes(truth.shape, `${B} ${D} ${H} ${W} ${K}`, 'truth');
  return tidy(() => {
    const logProbability = logSoftmax(logits.reshape([B, D * H * W, K]), 2); // [B, V, K]
    const target = truth.reshape([B, D * H * W, K]);
    const probability = logProbability.exp();
    const overlap = probability.mul(target).sum(1); // [B, K]
    const mass = probability.sum(1).add(target.sum(1)); // [B, K]
    const dice = overlap
      .mul(scalar(2))
      .add(scalar(diceSmoothing))
      .div(mass.add(scalar(diceSmoothing)));
    const foreground = dice.slice([0, 1], [B, K - 1]).mean();
    const crossEntropy = logProbability
      .mul(target)
      .sum()
      .neg()
      .div(scalar(B * D * H * W));
    return scalar(1)
      .sub(foreground)
      .mul(scalar(diceWeight))
      .add(crossEntropy.mul(scalar(1 - diceWeight))) as Scalar;
  });
}
