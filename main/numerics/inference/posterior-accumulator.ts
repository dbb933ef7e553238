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

/** Adds one sample's probabilities [V, K] in place and returns its argmax classes [V], in `winners` where it is given. */
export function observeSample(
  sums: PosteriorAccumulator,
  probability: Float32Array,
  winners = new Uint8Array(sums.entropy.length),
): Uint8Array {
  const K = sums.classes;
  const voxels = sums.entropy.length;
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

/** What the sums amount to, and from which each voxel map of methods 2 follows (`mapValues`). */
export interface PosteriorMaps {
  readonly classes: number;
  /** Mean probability, [V, K]. */
  readonly probability: Float32Array;
  /** Mean of the samples' entropies, nats, [V]. */
  readonly expectedEntropy: Float32Array;
  /** Variance of the foreground probability over samples (divided by S), [V]. */
  readonly variance: Float32Array;
}

/**
 * Maps of doubt; entropies in nats. Predictive entropy is that of the mean: all doubt. Expected entropy is the mean of the
 * samples': the edge is ambiguous to each. Mutual information is their difference, at least 0: the samples disagree.
 */
export const mapNames = ['predictiveEntropy', 'expectedEntropy', 'mutualInformation', 'variance'] as const;
export type MapName = (typeof mapNames)[number];

/** Takes the sums over: their arrays become the maps', since a whole scan's are large. */
export function posteriorMaps(sums: PosteriorAccumulator): PosteriorMaps {
  const { classes, samples: S, probability, entropy: expectedEntropy, squaredForeground: variance } = sums;
  for (let n = 0; n < probability.length; n++) probability[n]! /= S;
  for (let v = 0; v < variance.length; v++) {
    expectedEntropy[v]! /= S;
    variance[v] = Math.max(0, variance[v]! / S - (1 - probability[v * classes]!) ** 2);
  }
  return { classes, probability, expectedEntropy, variance };
}

/** One map, [V]. Entropies of the mean are computed when asked for, into `into` where it is given. */
export function mapValues(maps: PosteriorMaps, name: MapName, into?: Float32Array): Float32Array {
  if (name === 'expectedEntropy' || name === 'variance') return maps[name];
  const { classes: K, probability, expectedEntropy } = maps;
  const values = into ?? new Float32Array(expectedEntropy.length);
  for (let v = 0; v < values.length; v++) {
    let entropy = 0;
    for (let n = v * K; n < (v + 1) * K; n++) {
      const p = probability[n]!;
      if (p > 1e-12) entropy -= p * Math.log(p);
    }
    values[v] = name === 'predictiveEntropy' ? entropy : Math.max(0, entropy - expectedEntropy[v]!);
  }
  return values;
}
