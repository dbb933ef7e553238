import * as tf from '@tensorflow/tfjs-core';
import {
  customGrad,
  type Rank,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor5D,
  tidy,
} from '@tensorflow/tfjs-core';
import { diceSmoothing } from '../../numerics/tensors/fused/segmentation-loss.ts';
import { executor, float32, type GradSaveFunc } from './tensorflow-ops.ts';

/**
 * With o and m the overlap and mass of a class in a sample and s the smoothing, soft Dice (2 o + s) / (m + s) has the gradient
 * (2 t - Dice) / (m + s) with respect to a probability p whose truth is t. Sums over voxels are products of matrices.
 */
export function segmentationLoss(logits: Tensor5D, truth: Tensor5D, diceWeight: number): Scalar {
  const [B, D, H, W, K] = logits.shape;
  const V = D * H * W;
  const diagonal = (x: Tensor): Tensor3D => x.mul(tf.eye(K)).sum(1, true);
  const run = customGrad((z, save) => {
    const t = truth.reshape<Tensor3D>([B, V, K]);
    const foreground = tf.tensor1d([0, ...Array<number>(K - 1).fill(1 / (B * (K - 1)))]);
    const logProbability = executor().executeSingleOutput(
      'LogSoftmax',
      [float32()],
      [(z as Tensor).reshape([B, V, K])],
    ) as Tensor3D;
    const p = logProbability.exp() as Tensor3D;
    const total = (x: Tensor3D): Tensor => tf.matMul(tf.ones<Rank.R3>([B, 1, V]), x);
    const mass = total(p).add(total(t)).add(tf.scalar(diceSmoothing)); // [B, 1, K]
    const overlap = diagonal(tf.matMul(p, t, true))
      .mul(tf.scalar(2))
      .add(tf.scalar(diceSmoothing));
    const dice = overlap.div(mass);
    const crossEntropy = diagonal(tf.matMul(logProbability, t, true))
      .sum()
      .mul(tf.scalar(-1 / (B * V)));
    const value = tf
      .scalar(1)
      .sub(dice.mul(foreground).sum())
      .mul(tf.scalar(diceWeight))
      .add(crossEntropy.mul(tf.scalar(1 - diceWeight))) as Scalar;
    (save as GradSaveFunc)([p, t, dice, mass, foreground]);
    const gradFunc = (dy: Tensor, [p, t, dice, mass, foreground]: Tensor[]) =>
      tidy(() => {
        const share = foreground!.mul(tf.scalar(-diceWeight)).mul(dy).div(mass!); // [B, 1, K]
        const entropyShare = dy.mul(tf.scalar((1 - diceWeight) / (B * V)));
        const slope = t!.mul(share.mul(tf.scalar(2))).sub(dice!.mul(share)); // dL/dp of Dice
        const inner = tf.matMul(p!.mul<Tensor3D>(slope), tf.ones<Rank.R3>([B, K, 1])).sub(entropyShare); // [B, V, 1]
        return p!.mul(slope.sub(inner)).sub(t!.mul(entropyShare)).reshape(logits.shape);
      });
    return { value, gradFunc };
  });
  return tidy(() => run(logits) as Scalar);
}
