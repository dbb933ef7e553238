import { scalar, type Tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { countWeights, kernelVoxels, type UnetArrays } from '../models/unet-weights.ts';
import { disposeRecord, type TensorRecord } from '../tensors/tensor-record.ts';
import type { Objective } from './objective.ts';
import { type Example, segmentationGradient } from './segmentation-gradient.ts';

/** What EWC keeps of a past site: where its weights were and how much each mattered there. */
export interface ElasticAnchor {
  readonly weights: UnetArrays;
  /** Mean over examples of the squared gradient of one example's loss, never the square of a mean. */
  readonly importance: UnetArrays;
}

/** Mean of the squared gradients of single examples at these weights; the examples stay the caller's. */
export async function importanceOf(
  net: UnetArchitecture,
  weights: UnetArrays,
  examples: AsyncIterable<Example>,
): Promise<UnetArrays> {
  const at = tensorsOf(net, weights);
  const sums = { kernels: new Float64Array(weights.kernels.length), points: new Float64Array(weights.points.length) };
  let count = 0;
  for await (const example of examples) {
    const gradient = segmentationGradient(net, at, example);
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

const tensorsOf = (net: UnetArchitecture, { kernels, points }: UnetArrays) =>
  ({
    kernels: tensor2d(kernels, [kernelVoxels, countWeights(net).slices]),
    points: tensor1d(points),
  }) satisfies TensorRecord;
