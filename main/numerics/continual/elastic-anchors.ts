import { scalar, type Tensor, type Tensor2D, tidy, valueAndGrads, zeros, zerosLike } from '@tensorflow/tfjs-core';
import {
  bernoulliLogLikelihood,
  type Dense,
  decodeLogits,
  denseOf,
  drawCodes,
  encodeImages,
  gaussianLogDensity,
  type MlpVaeShape,
  mlpVaeLayers,
} from '../models/mlp-vae.ts';
import { disposeRecord, mapRecord, type TensorRecord } from '../tensors/tensor-record.ts';
import { type MixtureTensors, mixtureLogDensity } from './mixture-tensors.ts';

/**
 * Elastic weight consolidation (Kirkpatrick et al. 2017) with an anchor at EVERY past task: sum over t of F_t (w - w_t)^2 / 2.
 * All anchors together are a parabola for each weight, so two sums hold them exactly, whatever the number of tasks.
 */
export interface ElasticAnchors {
  /** Sum of F_t, by weight. */
  readonly precision: TensorRecord;
  /** Sum of F_t w_t, by weight. */
  readonly pull: TensorRecord;
}

export const noAnchors = (weights: TensorRecord): ElasticAnchors => ({
  precision: mapRecord(weights, (value) => zerosLike(value)),
  pull: mapRecord(weights, (value) => zerosLike(value)),
});

export function disposeAnchors({ precision, pull }: ElasticAnchors): void {
  disposeRecord(precision);
  disposeRecord(pull);
}

/** The anchors with one more; takes over the old ones. */
export function addAnchor(anchors: ElasticAnchors, weights: TensorRecord, fisher: TensorRecord): ElasticAnchors {
  const next = {
    precision: mapRecord(anchors.precision, (value, name) => value.add(fisher[name]!)),
    pull: mapRecord(anchors.pull, (value, name) => tidy(() => value.add(fisher[name]!.mul(weights[name]!)))),
  };
  disposeAnchors(anchors);
  return next;
}

/** Gradient of the penalty, sum over t of F_t (w - w_t), for the weights that have anchors; the caller disposes it. */
export const anchorGradient = (anchors: ElasticAnchors, weights: TensorRecord): Record<string, Tensor> =>
  mapRecord(anchors.pull, (pull, name) => tidy(() => anchors.precision[name]!.mul(weights[name]!).sub(pull)));

/**
 * The diagonal of the empirical Fisher information: mean over images [N, pixels] of the squared gradient of EACH image's bound (the authors
 * square the gradient of a batch's mean, which is no Fisher information). Exact for dense layers from one pass: an image's gradient is
 * the outer product of a layer's input and its error, so the mean of squares is a product of their squares. The caller disposes it.
 */
export function fisherDiagonal(
  shape: MlpVaeShape,
  weights: TensorRecord,
  { images, noise, prior }: { readonly images: Tensor2D; readonly noise: Tensor2D; readonly prior: MixtureTensors },
): Record<string, Tensor> {
  return tidy(() => {
    const rows = images.shape[0];
    const layers = mlpVaeLayers(shape);
    const names = Object.keys(layers);
    const bound = (dense: Dense): Tensor => {
      const code = encodeImages(shape, dense, images);
      const z = drawCodes(code, noise);
      const fit = bernoulliLogLikelihood(decodeLogits(dense, z), images);
      return gaussianLogDensity(code, z).sub(mixtureLogDensity(prior, z)).sub(fit).sum();
    };
    const plain = denseOf(weights);
    const inputs: Record<string, Tensor2D> = {}; // of each layer; the pass with gradients disposes its own
    bound((name, x) => {
      inputs[name] = x;
      return plain(name, x);
    });
    const offsets = Object.values(layers).map(([, outputs]) => zeros([rows, outputs]));
    const { grads } = valueAndGrads((...added: Tensor[]) =>
      bound((name, x) => plain(name, x).add(added[names.indexOf(name)]!)),
    )(offsets);
    const fisher: Record<string, Tensor> = {};
    for (const [n, name] of names.entries()) {
      const error = grads[n]!.square() as Tensor2D; // [N, out]
      fisher[`${name}/kernel`] = (inputs[name]!.square() as Tensor2D).matMul(error, true).div(scalar(rows));
      fisher[`${name}/bias`] = error.mean(0);
    }
    return fisher;
  });
}
