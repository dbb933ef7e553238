import { derive, normals, type RandomKey, uniforms } from '../tensors/random.ts';

/** A mixture of K diagonal Gaussians in L dimensions on the host, row by row: log weights [K], mean and logVariance [K, L]. */
export interface DiagonalMixture {
  readonly dimensions: number;
  readonly logWeights: Float64Array;
  readonly mean: Float64Array;
  readonly logVariance: Float64Array;
}

/** A mixture with what its density needs again and again worked out. */
export interface PreparedMixture {
  readonly mixture: DiagonalMixture;
  readonly precision: Float64Array;
  /** Log weight and log normaliser of each component. */
  readonly constant: Float64Array;
}

/** Log density at a point and its gradient there. */
export interface Score {
  readonly logDensity: number;
  readonly gradient: Float64Array;
}

const log2Pi = Math.log(2 * Math.PI);
/** A component this far (in nats) below the best one so far adds nothing to a sum of up to 10^6 in float32. */
const negligible = 30;

export const countComponents = (mixture: DiagonalMixture): number => mixture.logWeights.length;

export function prepareMixture(mixture: DiagonalMixture): PreparedMixture {
  const { dimensions: L, logVariance, logWeights } = mixture;
  const constant = Float64Array.from(logWeights, (logWeight, k) => {
    let sum = logWeight;
    for (let d = 0; d < L; d++) sum -= 0.5 * (log2Pi + logVariance[k * L + d]!);
    return sum;
  });
  return { mixture, precision: logVariance.map((value) => Math.exp(-value)), constant };
}

/** Weighted log density of each component at z; far ones are left early and get -Infinity. */
function partsAt({ mixture, precision, constant }: PreparedMixture, z: Float64Array, parts: Float64Array): number {
  const { dimensions: L, mean } = mixture;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < constant.length; k++) {
    const from = k * L;
    const room = 2 * (constant[k]! - greatest + negligible);
    let square = 0;
    for (let d = 0; d < L && square <= room; d++) {
      const distance = z[d]! - mean[from + d]!;
      square += distance * distance * precision[from + d]!;
    }
    parts[k] = square <= room ? constant[k]! - 0.5 * square : Number.NEGATIVE_INFINITY;
    if (parts[k]! > greatest) greatest = parts[k]!;
  }
  return greatest;
}

/** log density at one point, by logsumexp. */
export function logDensityAt(prepared: PreparedMixture, z: Float64Array): number {
  const parts = new Float64Array(prepared.constant.length);
  const greatest = partsAt(prepared, z, parts);
  let sum = 0;
  for (const part of parts) sum += Math.exp(part - greatest);
  return greatest + Math.log(sum);
}

/** Log density and gradient with respect to z. */
export function scoreAt(prepared: PreparedMixture, z: Float64Array): Score {
  const { mixture, precision } = prepared;
  const { dimensions: L, mean } = mixture;
  const parts = new Float64Array(prepared.constant.length);
  const greatest = partsAt(prepared, z, parts);
  const gradient = new Float64Array(L);
  let sum = 0;
  for (let k = 0; k < parts.length; k++) {
    const share = Math.exp(parts[k]! - greatest);
    if (share === 0) continue;
    sum += share;
    for (let d = 0; d < L; d++) gradient[d]! -= share * precision[k * L + d]! * (z[d]! - mean[k * L + d]!);
  }
  for (let d = 0; d < L; d++) gradient[d]! /= sum;
  return { logDensity: greatest + Math.log(sum), gradient };
}

/** `count` draws, [count, L]. */
export function sampleMixture(mixture: DiagonalMixture, count: number, key: RandomKey): Float64Array {
  const { dimensions: L, mean, logVariance } = mixture;
  const noise = normals(derive(key, 'noise'), count * L);
  const chosen = chooseComponents(mixture, count, derive(key, 'component'));
  return noise.map((e, n) => {
    const place = chosen[Math.floor(n / L)]! * L + (n % L);
    return mean[place]! + Math.exp(0.5 * logVariance[place]!) * e;
  });
}

/** Indices of components drawn by weight. */
export const chooseComponents = ({ logWeights }: DiagonalMixture, count: number, key: RandomKey): Uint32Array =>
  chooseByWeight(logWeights, count, key);

/** `count` indices, each with probability exp(logWeight). */
export function chooseByWeight(logWeights: Float64Array, count: number, key: RandomKey): Uint32Array {
  let sum = 0;
  const cumulative = logWeights.map((logWeight) => {
    sum += Math.exp(logWeight);
    return sum;
  });
  return Uint32Array.from(uniforms(key, count), (u) => {
    const found = cumulative.findIndex((edge) => u * sum < edge);
    return found === -1 ? logWeights.length - 1 : found;
  });
}

/** Some components of a mixture, their weights as they are. */
export function selectComponents(mixture: DiagonalMixture, kept: readonly number[]): DiagonalMixture {
  const { dimensions: L } = mixture;
  const rows = (values: Float64Array) =>
    Float64Array.from({ length: kept.length * L }, (_, n) => values[kept[Math.floor(n / L)]! * L + (n % L)]!);
  return {
    dimensions: L,
    logWeights: Float64Array.from(kept, (k) => mixture.logWeights[k]!),
    mean: rows(mixture.mean),
    logVariance: rows(mixture.logVariance),
  };
}

/** Mixtures one after the other, each with a share of the whole weight. */
export function joinMixtures(parts: readonly DiagonalMixture[], shares: readonly number[]): DiagonalMixture {
  const join = (rows: readonly Float64Array[]) => Float64Array.from(rows.flatMap((row) => Array.from(row)));
  return {
    dimensions: parts[0]!.dimensions,
    logWeights: join(parts.map(({ logWeights }, n) => logWeights.map((value) => value + Math.log(shares[n]!)))),
    mean: join(parts.map(({ mean }) => mean)),
    logVariance: join(parts.map(({ logVariance }) => logVariance)),
  };
}
