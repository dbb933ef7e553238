import { derive, type RandomKey, shuffled, uniforms } from '../tensors/random.ts';
import { classify, logLikelihoodGradient } from './classifier-gradient.ts';
import { gatherImages, type LabelledImages } from './labelled-images.ts';

/** What elastic weight consolidation keeps about a past task (Kirkpatrick et al. 2017): where the weights were, and how much each mattered. */
export interface Anchor {
  readonly weights: Float64Array;
  /** Diagonal of the Fisher information of one image. */
  readonly fisher: Float64Array;
  /** Images of the task. */
  readonly images: number;
}

/**
 * Fisher information: the mean over images of the squared gradient of ONE image's log-likelihood (the square of a batch's mean would be
 * near zero at an optimum), its label drawn from the prediction.
 */
export function anchorOf(weights: Float64Array, images: LabelledImages, sample: number, key: RandomKey): Anchor {
  const count = images.labels.length;
  const chosen = gatherImages(images, shuffled(derive(key, 'images'), count).slice(0, sample));
  const { probabilities } = classify(weights, chosen);
  const u = uniforms(derive(key, 'labels'), chosen.labels.length);
  const fisher = new Float64Array(weights.length);
  for (let n = 0; n < chosen.labels.length; n++) {
    const label = drawClass(probabilities.subarray(n * 10, (n + 1) * 10), u[n]!);
    const one = { pixels: chosen.pixels.subarray(n * 784, (n + 1) * 784), labels: Uint8Array.of(label) };
    const { gradient } = logLikelihoodGradient(weights, one);
    for (let w = 0; w < fisher.length; w++) fisher[w]! += gradient[w]! ** 2 / chosen.labels.length;
  }
  return { weights: weights.slice(), fisher, images: count };
}

function drawClass(probabilities: Float32Array, u: number): number {
  let left = u;
  for (const [label, probability] of probabilities.entries()) {
    left -= probability;
    if (left < 0) return label;
  }
  return probabilities.indexOf(Math.max(...probabilities));
}

/** Gradient of strength / 2 * sum over tasks of images * sum_w fisher_w (w - anchor_w)^2. */
export function anchorGradient(weights: Float64Array, anchors: readonly Anchor[], strength: number): Float64Array {
  const gradient = new Float64Array(weights.length);
  for (const { weights: anchor, fisher, images } of anchors)
    for (let w = 0; w < weights.length; w++)
      gradient[w]! += strength * images * fisher[w]! * (weights[w]! - anchor[w]!);
  return gradient;
}
