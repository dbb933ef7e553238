import { describe, expect, it } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import type { UnetArchitecture } from '../models/unet-layers.ts';
import { randomArrays } from '../models/unet-weights.ts';
import {
  drawWeights,
  type MixturePosterior,
  posteriorFromNamed,
  posteriorToNamed,
} from '../posteriors/weight-posterior.ts';
import type { Sides } from '../tensors/patches.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { blur } from '../training/augmentation/blur.ts';
import { featureLogDensity, fitFeatureDensity } from './feature-density.ts';
import { predictPosterior } from './posterior-prediction.ts';
import { featuresPerChannel, scanFeatures } from './scan-features.ts';

const size: Sides = [16, 16, 16];
const key = rootKey(4);
const breathe = async () => {};

/** White noise of mean 0 and deviation 1; `width` above 0 blurs it first. */
function scan(n: number, width: number): Float32Array {
  const noise = Float32Array.from(normals(derive(key, n), 16 ** 3));
  const image = width > 0 ? blur(noise, size, [width, width, width]) : noise;
  const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
  const deviation = Math.sqrt(image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.length);
  return image.map((value) => (value - mean) / deviation);
}
const featuresOf = (n: number, width: number) => scanFeatures(scan(n, width), size, 1);
const siteOf = (width: number, first = 0) =>
  fitFeatureDensity(Array.from({ length: 6 }, (_, n) => featuresOf(first + n, width)));

describe('features of a scan', () => {
  it('white noise: normal quantiles, steps of twice the variance, block means of 1 / 512 of it', () => {
    const features = featuresOf(1, 0);
    expect(features.length).toBe(featuresPerChannel);
    expect(features[3]).toBeCloseTo(0, 1); // the median
    expect(features[5]! - features[1]!).toBeCloseTo(2 * 1.2816, 0); // 10 % to 90 %
    for (const axis of [7, 8, 9]) expect(Math.abs(features[axis]! - Math.log(2))).toBeLessThan(0.1);
    expect(features[10]!).toBeLessThan(Math.log(8 / 512)); // eight blocks, of variance 1 / 512
  });

  it('do not change with gain and offset after normalising, and know a blurred scan', () => {
    expect(featuresOf(2, 1)[7]!).toBeLessThan(featuresOf(2, 0)[7]! - 1);
    const [sharp, soft] = [siteOf(0), siteOf(1)];
    for (let n = 20; n < 30; n++) {
      expect(featureLogDensity(sharp, featuresOf(n, 0))).toBeGreaterThan(featureLogDensity(soft, featuresOf(n, 0)));
      expect(featureLogDensity(soft, featuresOf(n, 1))).toBeGreaterThan(featureLogDensity(sharp, featuresOf(n, 1)));
    }
  });

  it('have a density that integrates to one', () => {
    const density = { scans: 5, mean: [0.3], deviation: [0.4] };
    let sum = 0;
    for (let x = -200; x < 200; x += 0.002) sum += 0.002 * Math.exp(featureLogDensity(density, Float64Array.of(x)));
    expect(sum).toBeCloseTo(1, 5);
  });
});

describe.skipIf(!useTensorflow())('a mixture of networks', () => {
  const net: UnetArchitecture = { family: 'residual-unet', size: 'short', inputChannels: 1, classes: 3 };
  const [a, b] = [randomArrays(net, rootKey(1)), randomArrays(net, rootKey(2))];
  const logVariance = new Float32Array(a.kernels.length).fill(-9);
  const mixture = (choice: MixturePosterior['choice']): MixturePosterior => ({
    kind: 'mixture',
    choice,
    components: [
      { posterior: { kind: 'gaussian', mean: a, logVariance }, weight: 0.7, gate: siteOf(0) },
      { posterior: { kind: 'point', weights: b }, weight: 0.3, gate: siteOf(1) },
    ],
  });

  it('is stored and read again, each component as it was', () => {
    const posterior = mixture('gate');
    const layout = {
      weights: { kind: 'mixture' as const, members: 2 },
      mixture: {
        choice: posterior.choice,
        components: posterior.components.map(({ weight, gate, posterior: { kind } }, n) => ({
          site: `site ${n}`,
          weights: { kind, members: 1 },
          weight,
          scans: 6,
          addedBy: { name: 'made', modelVersion: 1 },
          gate: { ...gate!, mean: [...gate!.mean], deviation: [...gate!.deviation] },
        })),
      },
    };
    const read = posteriorFromNamed(net, layout, posteriorToNamed(net, posterior)) as MixturePosterior;
    expect(read.components.map(({ weight, gate }) => ({ weight, gate }))).toEqual(
      posterior.components.map(({ weight, gate }) => ({ weight, gate })),
    );
    const [one, other] = read.components.map((component) => component.posterior);
    const same = (x: Float32Array, y: Float32Array) => Buffer.from(x.buffer).equals(Buffer.from(y.buffer));
    if (one?.kind !== 'gaussian' || other?.kind !== 'point') throw new Error('kinds were lost');
    expect(same(one.mean.kernels, a.kernels) && same(one.mean.points, a.points)).toBe(true);
    expect(same(one.logVariance, logVariance) && same(other.weights.kernels, b.kernels)).toBe(true);
    expect(() => posteriorFromNamed(net, layout, posteriorToNamed(net, posterior.components[0]!.posterior))).toThrow(
      RangeError,
    );
  });

  it('draws components by weight, the same one for the same sample', () => {
    const draws = 100;
    const points: MixturePosterior = {
      kind: 'mixture',
      choice: 'weights',
      components: [a, b].map((weights, n) => ({
        posterior: { kind: 'point', weights },
        weight: [0.7, 0.3][n]!,
        gate: undefined,
      })),
    };
    let second = 0;
    for (let sample = 0; sample < draws; sample++) {
      const [drawn, again] = [0, 1].map(() => drawWeights(net, points, sample, key));
      const first = drawn!.points.dataSync()[0];
      expect(again!.points.dataSync()[0]).toBe(first);
      second += Number(first === b.points[0]);
      for (const one of [drawn!, again!]) for (const tensor of Object.values(one)) tensor.dispose();
    }
    expect(Math.abs(second / draws - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / draws));
  });

  it('the gate gives a scan to its own site, entropy to the component that doubts least, weights stay', async () => {
    const sharesOn = async (choice: MixturePosterior['choice'], width: number) => {
      const sampling = { net, posterior: mixture(choice), samples: 1, borderDeviation: 0, key, breathe };
      return (await predictPosterior(sampling, { image: scan(30, width), size, patch: size, overlap: 0.25 })).shares!;
    };
    expect((await sharesOn('gate', 0))[0]).toBeGreaterThan(0.99);
    expect((await sharesOn('gate', 1))[1]).toBeGreaterThan(0.99);
    expect(await sharesOn('weights', 1)).toEqual([0.7, 0.3]);
    expect([...(await sharesOn('entropy', 1))].sort()).toEqual([0, 1]);
  });
});
