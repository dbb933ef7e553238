import { describe, expect, it } from 'vitest';
import { unlikeFrom } from '../../contract/segmentation-report.ts';
import { featureDeviates, fitFeatureDensity, pooledFeatureDensity } from '../numerics/inference/feature-density.ts';
import { scanFeatures } from '../numerics/inference/scan-features.ts';
import type { Sides } from '../numerics/tensors/patches.ts';
import { derive, normals, rootKey } from '../numerics/tensors/random.ts';
import { blur } from '../numerics/training/augmentation/blur.ts';
import { pooledGate } from './scan-gate.ts';
import { unlikenessOf, warningOf } from './unlikeness.ts';

const size: Sides = [16, 16, 16];
/** Noise of mean 0 and deviation 1, blurred and bent. */
function scan(n: number, { width, power = 1 }: { readonly width: number; readonly power?: number }): Float32Array {
  const noise = Float32Array.from(normals(derive(rootKey(7), n), 16 ** 3));
  const bent = blur(noise, size, [width, width, width]).map((value) => Math.sign(value) * Math.abs(value) ** power);
  const mean = bent.reduce((sum, value) => sum + value, 0) / bent.length;
  const deviation = Math.sqrt(bent.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bent.length);
  return bent.map((value) => (value - mean) / deviation);
}
const gateOf = (width: number) => {
  const { scans, mean, deviation } = fitFeatureDensity(
    Array.from({ length: 8 }, (_, n) => scanFeatures(scan(n, { width }), size, 1)),
  );
  return { scans, mean: [...mean], deviation: [...deviation] };
};
const judge = (gates: Parameters<typeof unlikenessOf>[0], image: Float32Array) =>
  unlikenessOf(gates, { image, size, channels: 1 });

describe('deviates of features', () => {
  it('have the tails of the t distribution: 95 and 99 % of it within 1.96 and 2.58', () => {
    for (const [scans, t, z, error] of [
      [1, 3.1824, 1.96, 0.07], // three degrees of freedom: what is expected of every site
      [1, 12.924, 3.2905, 0.07],
      [8, 2.2281, 1.96, 0.02], // ten
      [8, 3.1693, 2.5758, 0.02],
      [8, -4.5869, -3.2905, 0.02],
    ] as const) {
      const density = { scans, mean: [1], deviation: [0.15] };
      const scale = 0.15 * Math.sqrt(1 + 1 / scans);
      const [found] = featureDeviates(density, Float64Array.of(1 + t * scale));
      expect(Math.abs(found! - z), `${scans} scans, t ${t}`).toBeLessThan(error);
    }
  });
});

describe('a scan unlike the training scans', () => {
  const gate = gateOf(1);

  it('is known by what it differs in, and one of their kind is not called so', () => {
    for (const n of [20, 21, 22]) {
      const own = judge([gate], scan(n, { width: 1 }))!;
      expect(own.deviations).toBeLessThan(unlikeFrom);
      expect(warningOf(own)).toEqual([]);
    }
    const noisy = judge([gate], scan(23, { width: 0.3 }))!;
    expect(noisy.feature).toBe('sharpness or noise');
    expect(noisy.deviations).toBeGreaterThan(unlikeFrom);
    expect(warningOf(noisy)[0]).toContain('its sharpness or noise lies');
    expect(judge([gate], scan(24, { width: 1, power: 3 }))!.feature).toBe('contrast');
  });

  it('of several sites is measured from the nearest; where features are not kept nothing is said', () => {
    const other = scan(25, { width: 2.5 });
    expect(judge([gate], other)!.deviations).toBeGreaterThan(unlikeFrom);
    expect(judge([gate, gateOf(2.5)], other)!.deviations).toBeLessThan(unlikeFrom);
    expect(judge([gate, null], other)).toBeUndefined();
    expect(judge([], other)).toBeUndefined();
    expect(warningOf(undefined)).toEqual([]);
  });

  it('a scan of millions of voxels is thinned out for its quantiles alone', () => {
    const large = Float32Array.from({ length: 9_000_000 }, (_, n) => (n % 1000) / 1000);
    const features = scanFeatures(large, [9, 1000, 1000], 1);
    for (const [place, share] of [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98].entries())
      expect(Math.abs(features[place]! - share)).toBeLessThan(0.01);
  });
});

describe('several sites and several channels', () => {
  it('a consolidated model knows the scans of all: its density is that of all their features together', () => {
    const features = Array.from({ length: 9 }, (_, n) =>
      Float64Array.from(normals(derive(rootKey(3), n), 4), (x) => x + n),
    );
    const pooled = pooledFeatureDensity([features.slice(0, 4), features.slice(4)].map(fitFeatureDensity));
    const whole = fitFeatureDensity(features);
    expect(pooled.scans).toBe(9);
    for (const n of [0, 1, 2, 3]) {
      expect(pooled.mean[n]).toBeCloseTo(whole.mean[n]!, 10);
      expect(pooled.deviation[n]).toBeCloseTo(whole.deviation[n]!, 10);
    }
    const [gate] = [gateOf(1)];
    expect(pooledGate([gate, null])).toBeUndefined();
    expect(pooledGate([gate])).toEqual({ ...gate, deviation: gate.deviation.map((one) => expect.closeTo(one, 10)) });
  });

  it('four channels are not called unlike more often than one: their greatest deviation is brought to its scale', () => {
    const one = gateOf(1);
    const four = {
      scans: one.scans,
      mean: Array(4).fill(one.mean).flat(),
      deviation: Array(4).fill(one.deviation).flat(),
    };
    const image = scan(20, { width: 0.5 });
    const repeated = Float32Array.from({ length: 4 * image.length }, (_, n) => image[Math.floor(n / 4)]!);
    const [alone, together] = [
      judge([one], image)!.deviations,
      unlikenessOf([four], { image: repeated, size, channels: 4 })!.deviations,
    ];
    expect(together).toBeCloseTo(Math.sqrt(alone ** 2 - 2 * Math.log(4)), 6);
  });
});
