import { scalar, softmax, type Tensor, type Tensor5D, tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, filtersOf, kernelVoxels, type UnetArrays, type UnetWeights } from '../models/unet-weights.ts';
import { convolveWith, unetLogits } from '../models/unet3d.ts';
import { derive, type RandomKey, uniforms } from '../tensors/random.ts';
import { disposeRecord, type TensorRecord } from '../tensors/tensor-record.ts';
import type { Objective } from './objective.ts';
import { type Example, segmentationGradient } from './segmentation-gradient.ts';

/** What EWC keeps of a past site: where its weights were and how much each mattered there. */
export interface ElasticAnchor {
  readonly weights: UnetArrays;
  /** Diagonal of the Fisher information: see `importanceOf`. */
  readonly importance: UnetArrays;
}

/**
 * Diagonal of the Fisher information at these weights: the mean over examples of the squared gradient of one example's
 * cross-entropy (mean over its voxels), never the square of a mean, with labels drawn from the network's own probabilities (with the
 * true labels it would be the empirical Fisher, which is no expectation under the model: Kunstner et al. 2019). The examples stay the
 * caller's.
 */
export async function importanceOf(
  net: UnetArchitecture,
  weights: UnetArrays,
  examples: AsyncIterable<Pick<Example, 'image'>>,
  key: RandomKey,
): Promise<UnetArrays> {
  const at = tensorsOf(net, weights);
  const sums = { kernels: new Float64Array(weights.kernels.length), points: new Float64Array(weights.points.length) };
  let count = 0;
  for await (const { image } of examples) {
    const truth = drawnLabels(net, at, image, derive(key, 'labels', count));
    const gradient = segmentationGradient(net, at, { image, truth }, 0);
    truth.dispose();
    for (const name of ['kernels', 'points'] as const)
      for (const [n, slope] of gradient[name].dataSync<'float32'>().entries()) sums[name][n]! += slope * slope;
    disposeRecord({ ...gradient });
    count++;
  }
  disposeRecord({ ...at });
  return {
    kernels: Float32Array.from(sums.kernels, (sum) => sum / count),
    points: Float32Array.from(sums.points, (sum) => sum / count),
  };
}

/**
 * Elastic weight consolidation (Kirkpatrick et al. 2017) on any objective over `kernels` and `points`: loss plus
 * strength / 2 * sum of importance * (w - anchor)^2 over every past site. Own the result's tensors: call `dispose`.
 */
export function withElasticPull(
  net: UnetArchitecture,
  objective: Objective,
  { anchors, strength }: { readonly anchors: readonly ElasticAnchor[]; readonly strength: number },
): Objective & { dispose(): void } {
  const held = anchors.map(({ weights, importance }) => ({
    weights: tensorsOf(net, weights),
    importance: tensorsOf(net, importance),
  }));
  return {
    gradient(parameters, batch, key) {
      const { gradients, info } = objective.gradient(parameters, batch, key);
      const pulled = tidy(() => {
        const add = (name: 'kernels' | 'points'): Tensor =>
          held.reduce(
            (sum: Tensor, { weights, importance }) =>
              sum.add(parameters[name]!.sub(weights[name]).mul(importance[name]).mul(scalar(strength))),
            gradients[name]!.clone(),
          );
        return { kernels: add('kernels'), points: add('points') };
      });
      gradients['kernels']!.dispose();
      gradients['points']!.dispose();
      return { gradients: { ...gradients, ...pulled }, info };
    },
    dispose() {
      for (const { weights, importance } of held) {
        disposeRecord(weights);
        disposeRecord(importance);
      }
    },
  };
}

/** One-hot labels, each voxel's drawn from the class probabilities that the network gives it. [B, D, H, W, K] */
export function drawnLabels(net: UnetArchitecture, weights: UnetWeights, image: Tensor5D, key: RandomKey): Tensor5D {
  const probability = tidy(() => softmax(unetLogits(net, convolveWith(filtersOf(net, weights)), image)));
  const values = probability.dataSync<'float32'>();
  const K = net.classes;
  const labels = new Float32Array(values.length);
  for (const [voxel, u] of uniforms(key, values.length / K).entries()) {
    let [k, left] = [0, u - values[voxel * K]!];
    while (left >= 0 && k < K - 1) left -= values[voxel * K + ++k]!;
    labels[voxel * K + k] = 1;
  }
  const drawn = tensor(labels, probability.shape) as Tensor5D;
  probability.dispose();
  return drawn;
}

const tensorsOf = (net: UnetArchitecture, { kernels, points }: UnetArrays) =>
  ({
    kernels: tensor2d(kernels, [kernelVoxels, countWeights(net).slices]),
    points: tensor1d(points),
  }) satisfies TensorRecord;
