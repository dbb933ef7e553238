import { describe, expect, it } from 'vitest';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { intervalOfSamples } from './interval-of-samples.ts';

describe('interval of samples', () => {
  it('is minimum and maximum of 19 draws at 90 %, the third from each end of 59', () => {
    const upTo = (count: number) => Array.from({ length: count }, (_, n) => (n * 7) % count);
    expect(intervalOfSamples(upTo(19), 0.9)).toEqual({ low: 0, median: 9, high: 18, level: 0.9 });
    expect(intervalOfSamples(upTo(59), 0.9)).toEqual({ low: 2, median: 29, high: 56, level: 0.9 });
  });

  it('says what level few samples really have', () => {
    expect(intervalOfSamples([3, 1], 0.9)).toEqual({ low: 1, median: 2, high: 3, level: 1 / 3 });
    expect(intervalOfSamples([3], 0.9)).toEqual({ low: 3, median: 3, high: 3, level: 0 });
    expect(() => intervalOfSamples([], 0.9)).toThrow(RangeError);
  });

  it('holds a new draw as often as it says', () => {
    const trials = 4000;
    for (const count of [8, 19, 50]) {
      let held = 0;
      let level = 0;
      for (let trial = 0; trial < trials; trial++) {
        const draws = normals(derive(rootKey(1), count, trial), count + 1);
        const interval = intervalOfSamples(draws.subarray(0, count), 0.9);
        level = interval.level;
        if (draws[count]! >= interval.low && draws[count]! <= interval.high) held++;
      }
      expect(Math.abs(held / trials - level)).toBeLessThan(5 * Math.sqrt((level * (1 - level)) / trials));
    }
  });
});
