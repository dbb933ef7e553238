import { describe, expect, it } from 'vitest';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { intervalFactor, stretched } from './interval-factor.ts';

const scan = (median: number, half: number, truthMl: number) => ({
  interval: { median, low: median - half, high: median + half },
  truthMl,
  leastMl: 0.001,
});

describe('the conformal factor of volume intervals', () => {
  it('is the order statistic of the truth’s distance in half-widths, on the side where the truth lies', () => {
    const off = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9];
    const scans = off.map((by) => scan(3, 0.5, 3 + by));
    expect(intervalFactor(scans, 0.9).factor).toBeCloseTo(1.8, 9); // rank 9 of 9
    expect(intervalFactor(scans, 0.9).level).toBeCloseTo(0.9, 9);
    expect(intervalFactor(scans, 0.5).factor).toBeCloseTo(1, 9); // rank 5
    const skewed = { interval: { median: 3, low: 2.8, high: 4 }, truthMl: 2.6, leastMl: 0.001 };
    expect(intervalFactor([skewed], 0.5).factor).toBeCloseTo(2, 9);
  });

  it('says the level that few scans can have', () => {
    const five = [1, 2, 3, 4, 5].map((n) => scan(3, 1, 3 + n / 10));
    expect(intervalFactor(five, 0.9)).toEqual({ factor: expect.closeTo(0.5, 9), level: 5 / 6 });
    expect(() => intervalFactor([], 0.9)).toThrow(RangeError);
  });

  it('stretches about the median, never below zero, and an interval without width by the least', () => {
    expect(stretched({ median: 3, low: 2, high: 3.5 }, 2, 0.001)).toEqual({ median: 3, low: 1, high: 4 });
    expect(stretched({ median: 1, low: 0.5, high: 2 }, 3, 0.001).low).toBe(0);
    expect(stretched({ median: 1, low: 1, high: 1 }, 4, 0.01)).toEqual({ median: 1, low: 0.96, high: 1.04 });
  });

  it('makes intervals that are three times too narrow hold the next truth as often as it says', () => {
    const draws = normals(derive(rootKey(3), 'truths'), 2000 * 11);
    let held = 0;
    for (let round = 0; round < 2000; round++) {
      const truths = draws.slice(round * 11, (round + 1) * 11);
      const scans = Array.from(truths, (x) => scan(5, 0.548, 5 + x)); // a third of the 90 % interval of N(0, 1)
      const { factor, level } = intervalFactor(scans.slice(0, 10), 0.9);
      expect(level).toBeCloseTo(10 / 11, 9);
      const { low, high } = stretched(scans[10]!.interval, factor, 0.001);
      if (truths[10]! + 5 >= low && truths[10]! + 5 <= high) held++;
    }
    const standardError = Math.sqrt(((10 / 11) * (1 / 11)) / 2000);
    expect(Math.abs(held / 2000 - 10 / 11)).toBeLessThan(4 * standardError);
  });
});
