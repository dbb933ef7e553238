/** Sums over posterior samples, from which every map follows; its size does not grow with the samples. */
export interface PosteriorAccumulator {
  readonly classes: number;
  samples: number;
  /** Sum of probabilities, [V, K]. */
  readonly probability: Float32Array;
  /** Sum of the samples' entropies, nats, [V]. */
  readonly entropy: Float32Array;
  /** Sum of squared foreground probabilities, [V]. */
  readonly squaredForeground: Float32Array;
}

export const emptyAccumulator = (voxels: number, classes: number): PosteriorAccumulator => ({
  classes,
  samples: 0,
  probability: new Float32Array(voxels * classes),
  entropy: new Float32Array(voxels),
  squaredForeground: new Float32Array(voxels),
});

/** Adds one sample's probabilities [V, K] in place and returns its argmax classes [V]. */
export function observeSample(sums: PosteriorAccumulator, probability: Float32Array): Uint8Array {
  const K = sums.classes;
  const voxels = sums.entropy.length;
  const winners = new Uint8Array(voxels);
  for (let v = 0; v < voxels; v++) {
    let entropy = 0;
    let best = 0;
    for (let k = 0; k < K; k++) {
      const p = probability[v * K + k]!;
      sums.probability[v * K + k]! += p;
      if (p > 1e-12) entropy -= p * Math.log(p);
      if (p > probability[v * K + best]!) best = k;
    }
    sums.entropy[v]! += entropy;
    sums.squaredForeground[v]! += (1 - probability[v * K]!) ** 2;
    winners[v] = best;
  }
  sums.samples++;
  return winners;
}

/** The sums as they are now, for maps of the samples so far. */
export const copyAccumulator = (sums: PosteriorAccumulator): PosteriorAccumulator => ({
  ...sums,
  probability: sums.probability.slice(),
  entropy: sums.entropy.slice(),
  squaredForeground: sums.squaredForeground.slice(),
});

/** Voxel maps of methods 2; entropies in nats. */
export interface PosteriorMaps {
  /** Mean probability, [V, K]. */
  readonly probability: Float32Array;
  /** Entropy of the mean: all doubt. */
  readonly predictiveEntropy: Float32Array;
  /** Mean of the entropies: the edge is ambiguous to each sample. */
  readonly expectedEntropy: Float32Array;
  /** Their difference, at least 0: the samples disagree. */
  readonly mutualInformation: Float32Array;
  /** Variance of the foreground probability over samples (divided by S). */
  readonly variance: Float32Array;
  /** Argmax of the mean, [V]. */
  readonly classes: Uint8Array;
}

/** The maps that the sums amount to. Takes the sums over: their arrays become the maps', since a whole scan's are large. */
export function posteriorMaps(sums: PosteriorAccumulator): PosteriorMaps {
  const { classes: K, samples: S, probability, entropy: expectedEntropy, squaredForeground: variance } = sums;
  const voxels = expectedEntropy.length;
  for (let n = 0; n < probability.length; n++) probability[n]! /= S;
  for (let v = 0; v < voxels; v++) expectedEntropy[v]! /= S;
  const predictiveEntropy = new Float32Array(voxels);
  const mutualInformation = new Float32Array(voxels);
  const classes = new Uint8Array(voxels);
  for (let v = 0; v < voxels; v++) {
    let entropy = 0;
    let best = 0;
    for (let k = 0; k < K; k++) {
      const p = probability[v * K + k]!;
      if (p > 1e-12) entropy -= p * Math.log(p);
      if (p > probability[v * K + best]!) best = k;
    }
    predictiveEntropy[v] = entropy;
    mutualInformation[v] = Math.max(0, entropy - expectedEntropy[v]!);
    variance[v] = Math.max(0, variance[v]! / S - (1 - probability[v * K]!) ** 2);
    classes[v] = best;
  }
  return { probability, predictiveEntropy, expectedEntropy, mutualInformation, variance, classes };
}
