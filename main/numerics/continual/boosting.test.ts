import { describe, expect, test } from 'vitest';
import { straightEncoder } from '../../../tests/straight-encoder.ts';
import { derive, normals, type RandomKey, rootKey, uniforms } from '../tensors/random.ts';
import {
  type AggregatePosterior,
  addComponent,
  type BoostedPrior,
  type BoostingSettings,
  boostedMixture,
  finishBoosting,
  firstComponent,
  momentGaussian,
} from './boosting.ts';
import { type DiagonalMixture, logDensityAt, prepareMixture, sampleMixture } from './diagonal-mixture.ts';
import { encodeOnHost } from './host-encoder.ts';
import { imageEncoder } from './input-encoder.ts';

// Images of two pixels about five points; their codes are seen with deviation 0.4, so p* is known.
const host = straightEncoder(10, 0.4);
const encoder = imageEncoder(host);
const points = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.5, 0.55],
  [0.2, 0.8],
  [0.8, 0.8],
] as const;
const shares = [0.1, 0.15, 0.2, 0.25, 0.3];
const settings: BoostingSettings = {
  steps: 600,
  rate: 1e-2,
  draws: 4,
  lambda: 1,
  window: 50,
  tolerance: 0.01,
  weights: 'refitted',
  neighbours: 10,
  floor: 0.1,
  prune: 0.02,
};

function drawImages(count: number, key: RandomKey): Float32Array {
  const noise = normals(derive(key, 'noise'), 2 * count);
  const edges = shares.map((_, n) => shares.slice(0, n + 1).reduce((sum, share) => sum + share, 0));
  const chosen = uniforms(derive(key, 'point'), count).map((u) =>
    Math.max(
      0,
      edges.findIndex((edge) => u < edge),
    ),
  );
  return Float32Array.from(noise, (e, n) => points[chosen[n >> 1]!]![n % 2]! + 0.01 * e);
}

function aggregateOf(images: Float32Array): AggregatePosterior {
  const count = images.length / 2;
  const codes = Array.from({ length: count }, (_, n) => encodeOnHost(host, images.subarray(2 * n, 2 * n + 2)));
  return {
    images,
    codes: {
      dimensions: 2,
      logWeights: new Float64Array(count).fill(-Math.log(count)),
      mean: Float64Array.from(codes.flatMap(({ mean }) => Array.from(mean))),
      logVariance: Float64Array.from(codes.flatMap(({ logVariance }) => Array.from(logVariance))),
    },
  };
}

/** log densities of a mixture at codes. */
function densities(mixture: DiagonalMixture, codes: Float64Array): Float64Array {
  const prepared = prepareMixture(mixture);
  return Float64Array.from({ length: codes.length / 2 }, (_, n) =>
    logDensityAt(prepared, codes.subarray(2 * n, 2 * n + 2)),
  );
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const standardError = (values: Float64Array): number => {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)) / values.length);
};

/** The prior after 0, 1, 2, ... additions. */
function boost(own: BoostingSettings, additions: number, key: RandomKey): readonly BoostedPrior[] {
  const images = drawImages(500, derive(key, 'images'));
  const priors = [firstComponent(images, 2)];
  for (let n = 0; n < additions; n++) {
    const [next] = addComponent(priors[n]!, { aggregate: aggregateOf(images), encoder }, own, derive(key, 'add', n));
    priors.push(next);
  }
  return priors;
}

describe('boosting on a latent space of two dimensions', () => {
  const key = rootKey(61);
  const heldOut = aggregateOf(drawImages(1000, derive(key, 'held out')));
  const codes = sampleMixture(heldOut.codes, 4000, derive(key, 'codes'));
  const truth = densities(heldOut.codes, codes);
  const gap = (prior: BoostedPrior): Float64Array => {
    const own = densities(boostedMixture(prior, encoder), codes);
    return truth.map((value, n) => value - own[n]!);
  };

  test('recovers the aggregate posterior: KL(p* || p) on codes of held-out images ends below 0.1 nats', () => {
    const priors = boost(settings, 7, key);
    expect(mean(gap(priors[0]!))).toBeGreaterThan(5); // one component cannot
    const last = priors.at(-1)!;
    expect(mean(gap(last))).toBeLessThan(0.1);
    const aggregate = aggregateOf(drawImages(500, derive(key, 'end')));
    const finished = finishBoosting(last, { aggregate, encoder }, settings, key);
    expect(mean(gap(finished))).toBeLessThan(0.1);
    expect(finished.inputs.length).toBeLessThanOrEqual(last.inputs.length);
    expect(finished.logWeights.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 9);
  });

  test.each([1, 2, 3])('an added component never raises the held-out KL by more than noise (seed %d)', (seed) => {
    const priors = boost(settings, 7, derive(key, seed));
    for (const [n, next] of priors.slice(1).entries()) {
      const [before, after] = [gap(priors[n]!), gap(next)];
      const rise = after.map((value, place) => value - before[place]!);
      expect(mean(rise)).toBeLessThan(4 * standardError(rise) + 0.01); // 500 images stand for p*
    }
    expect(mean(gap(priors.at(-1)!))).toBeLessThan(mean(gap(priors[0]!)) - 3);
  });

  test('with weights by line search KL(p || p*), which the search minimises, never rises by more than noise', () => {
    const priors = boost({ ...settings, weights: 'optimised' }, 6, derive(key, 'search'));
    const reverse = (prior: BoostedPrior): Float64Array => {
      const mixture = boostedMixture(prior, encoder);
      const draws = sampleMixture(mixture, 4000, derive(key, 'reverse'));
      const [own, aim] = [densities(mixture, draws), densities(heldOut.codes, draws)];
      return own.map((value, n) => value - aim[n]!);
    };
    const course = priors.map(reverse);
    for (const [n, after] of course.slice(1).entries()) {
      const noise = 4 * Math.hypot(standardError(after), standardError(course[n]!));
      expect(mean(after)).toBeLessThan(mean(course[n]!) + noise + 0.01);
    }
    expect(mean(course.at(-1)!)).toBeLessThan(0.2);
  });

  test('equal weights stay equal, and grey noise is a start too', () => {
    const priors = boost({ ...settings, weights: 'equal', neighbours: 0 }, 4, derive(key, 'equal'));
    expect(Array.from(priors[4]!.logWeights)).toEqual(Array(5).fill(-Math.log(5)));
    expect(mean(gap(priors[4]!))).toBeLessThan(mean(gap(priors[0]!)));
  });

  test('a step leaves the prior that it was given as it was', () => {
    const images = drawImages(200, key);
    const prior = firstComponent(images, 2);
    const copy = { inputs: prior.inputs.map((input) => input.slice()), logWeights: prior.logWeights.slice() };
    addComponent(prior, { aggregate: aggregateOf(images), encoder }, settings, key);
    expect(prior).toEqual(copy);
  });
});

test('the Gaussian of moments has the mean and the variance of the mixture', () => {
  const mixture: DiagonalMixture = {
    dimensions: 1,
    logWeights: new Float64Array(2).fill(-Math.log(2)),
    mean: Float64Array.of(-1, 3),
    logVariance: Float64Array.of(0, Math.log(4)),
  };
  const { mean: centre, logVariance } = momentGaussian(mixture);
  expect(centre[0]).toBeCloseTo(1, 12);
  expect(Math.exp(logVariance[0]!)).toBeCloseTo(4 + 2.5, 12); // between and within
});
