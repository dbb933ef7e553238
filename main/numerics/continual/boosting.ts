import { derive, normals, type RandomKey, shuffled } from '../tensors/random.ts';
import { type ComponentSettings, fitComponent } from './component-fit.ts';
import { searchWeight } from './component-weight.ts';
import {
  type DiagonalMixture,
  joinMixtures,
  logDensityAt,
  type PreparedMixture,
  prepareMixture,
  sampleMixture,
} from './diagonal-mixture.ts';
import type { InputEncoder } from './input-encoder.ts';
import { pruneMixture, refitWeights, worthKeeping } from './weight-refit.ts';

/** The components of one task: pseudo-inputs with log weights that sum to weight 1. */
export interface BoostedPrior {
  readonly inputs: readonly Float32Array[];
  readonly logWeights: Float64Array;
}

export interface BoostingSettings extends ComponentSettings {
  /** `equal`; `optimised`: the new weight by line search; `refitted`: all weights anew after each addition. */
  readonly weights: 'equal' | 'optimised' | 'refitted';
  /** A pseudo-input starts at the mean of that many neighbouring images; 0: at noise N(0.5, 0.15^2) on the data's range, as the authors'. */
  readonly neighbours: number;
  /** Share of a broad Gaussian in the mixture that a component is fitted against: without it outliers of p* win (light tails). */
  readonly floor: number;
  /** Components that weigh less than this share of an equal weight are removed at the end. */
  readonly prune: number;
}

/** A random subset M of a task's images [M, pixels], and q(z|x) of each under the present encoder. */
export interface AggregatePosterior {
  readonly images: Float32Array;
  readonly codes: DiagonalMixture;
}

/** The first component of a task: the mean image. */
export const firstComponent = (images: Float32Array, pixels: number): BoostedPrior => ({
  inputs: [meanImage(images, pixels)],
  logWeights: Float64Array.of(0),
});

/** q(z|u) of each pseudo-input. */
export function boostedMixture({ inputs, logWeights }: BoostedPrior, encoder: InputEncoder): DiagonalMixture {
  const codes = inputs.map((input) => encoder.encode(input));
  return {
    dimensions: encoder.latent,
    logWeights,
    mean: Float64Array.from(codes.flatMap(({ mean }) => Array.from(mean))),
    logVariance: Float64Array.from(codes.flatMap(({ logVariance }) => Array.from(logVariance))),
  };
}

/** What an addition found: the weight of the new component (0: not added) and the steps of its fit. */
export interface AdditionInfo {
  readonly weight: number;
  readonly steps: number;
  readonly loss: number;
}

/** One step of boosting: h* = argmin KL(h || (p* / p)^lambda), its weight, and the mixture with it. */
export function addComponent(
  prior: BoostedPrior,
  { aggregate, encoder }: { readonly aggregate: AggregatePosterior; readonly encoder: InputEncoder },
  settings: BoostingSettings,
  key: RandomKey,
): readonly [BoostedPrior, AdditionInfo] {
  const mixture = boostedMixture(prior, encoder);
  const target = {
    encoder,
    aggregate: prepareMixture(aggregate.codes),
    mixture: prepareMixture(withFloor(mixture, aggregate.codes, settings.floor)),
  };
  const start = startOf(aggregate, target, settings.neighbours, derive(key, 'start'));
  const { input, steps, loss } = fitComponent(start, target, settings, derive(key, 'fit'));
  const joined: BoostedPrior = {
    inputs: [...prior.inputs, input],
    logWeights: new Float64Array(prior.inputs.length + 1).fill(-Math.log(prior.inputs.length + 1)),
  };
  if (settings.weights === 'equal') return [joined, { weight: 1 / joined.inputs.length, steps, loss }];
  const both = boostedMixture(joined, encoder);
  if (settings.weights === 'refitted') {
    const codes = sampleMixture(aggregate.codes, aggregate.codes.logWeights.length, derive(key, 'codes'));
    const logWeights = refitWeights(both, codes);
    return [
      { ...joined, logWeights },
      { weight: Math.exp(logWeights.at(-1)!), steps, loss },
    ];
  }
  const component = prepareMixture(boostedMixture({ inputs: [input], logWeights: Float64Array.of(0) }, encoder));
  const search = { draws: aggregate.codes.logWeights.length, key: derive(key, 'weight') };
  const weight = searchWeight(component, prepareMixture(mixture), target.aggregate, search);
  if (weight === 0) return [prior, { weight, steps, loss }];
  const logWeights = Float64Array.of(...prior.logWeights.map((value) => value + Math.log1p(-weight)), Math.log(weight));
  return [
    { ...joined, logWeights },
    { weight, steps, loss },
  ];
}

/** What is left of a task's components when it ends: weights refitted where that is the setting, those near zero removed. */
export function finishBoosting(
  prior: BoostedPrior,
  { aggregate, encoder }: { readonly aggregate: AggregatePosterior; readonly encoder: InputEncoder },
  settings: BoostingSettings,
  key: RandomKey,
): BoostedPrior {
  const mixture = boostedMixture(prior, encoder);
  const codes = sampleMixture(aggregate.codes, aggregate.codes.logWeights.length, derive(key, 'codes'));
  const logWeights = settings.weights === 'refitted' ? refitWeights(mixture, codes) : prior.logWeights;
  const kept = worthKeeping(logWeights, settings.prune);
  return {
    inputs: kept.map((k) => prior.inputs[k]!),
    logWeights: pruneMixture({ ...mixture, logWeights }, kept).logWeights,
  };
}

/** A mixture with a share of one Gaussian that has the moments of all codes. */
function withFloor(mixture: DiagonalMixture, codes: DiagonalMixture, share: number): DiagonalMixture {
  return share === 0 ? mixture : joinMixtures([mixture, momentGaussian(codes)], [1 - share, share]);
}

/** The diagonal Gaussian with a mixture's mean and variance; all components count the same. */
export function momentGaussian({ dimensions: L, mean, logVariance, logWeights }: DiagonalMixture): DiagonalMixture {
  const K = logWeights.length;
  const [centre, square] = [new Float64Array(L), new Float64Array(L)];
  for (let n = 0; n < mean.length; n++) {
    centre[n % L]! += mean[n]! / K;
    square[n % L]! += (mean[n]! ** 2 + Math.exp(logVariance[n]!)) / K;
  }
  return {
    dimensions: L,
    logWeights: Float64Array.of(0),
    mean: centre,
    logVariance: square.map((value, d) => Math.log(value - centre[d]! ** 2)),
  };
}

const candidates = 200;

/** Grey noise, or the mean of the images whose codes lie nearest to the one that the mixture misses most. */
function startOf(
  { images, codes }: AggregatePosterior,
  target: { readonly aggregate: PreparedMixture; readonly mixture: PreparedMixture; readonly encoder: InputEncoder },
  neighbours: number,
  key: RandomKey,
): Float32Array {
  const {
    inputs: pixels,
    latent: L,
    range: [low, high],
  } = target.encoder;
  if (neighbours === 0)
    return Float32Array.from(
      normals(key, pixels),
      (x) => low + (high - low) * Math.min(Math.max(0.5 + 0.15 * x, 0), 1),
    );
  const count = codes.logWeights.length;
  const order = shuffled(key, count).slice(0, candidates);
  const at = (n: number) => codes.mean.subarray(n * L, (n + 1) * L);
  const missed = (n: number) => logDensityAt(target.aggregate, at(n)) - logDensityAt(target.mixture, at(n));
  const gaps = order.map(missed);
  const worst = order[gaps.indexOf(Math.max(...gaps))]!;
  const distance = (n: number) => at(n).reduce((sum, value, d) => sum + (value - at(worst)[d]!) ** 2, 0);
  const near = Array.from({ length: count }, (_, n) => ({ n, far: distance(n) })).sort((a, b) => a.far - b.far);
  const chosen = near.slice(0, neighbours).map(({ n }) => images.subarray(n * pixels, (n + 1) * pixels));
  return meanImage(Float32Array.from(chosen.flatMap((image) => Array.from(image))), pixels);
}

function meanImage(images: Float32Array, pixels: number): Float32Array {
  const mean = new Float32Array(pixels);
  const count = images.length / pixels;
  for (let n = 0; n < images.length; n++) mean[n % pixels]! += images[n]! / count;
  return mean;
}
