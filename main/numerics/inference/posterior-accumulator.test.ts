import { describe, expect, it } from 'vitest';
import { classesOfRuns, runsOfClasses, sampleAgreement, sharedVoxels } from './label-runs.ts';
import { copyAccumulator, emptyAccumulator, mapValues, observeSample, posteriorMaps } from './posterior-accumulator.ts';

const entropy = (p: readonly number[]) => -p.reduce((sum, x) => sum + (x > 0 ? x * Math.log(x) : 0), 0);

describe('posterior maps', () => {
  it('follow from two samples as by hand', () => {
    const sums = emptyAccumulator(2, 2);
    expect([...observeSample(sums, Float32Array.of(1, 0, 0.2, 0.8))]).toEqual([0, 1]);
    expect([...observeSample(sums, Float32Array.of(0, 1, 0.4, 0.6))]).toEqual([1, 1]);
    const early = posteriorMaps(copyAccumulator(sums));
    const maps = posteriorMaps(sums);
    expect(early).toEqual(maps); // a copy leaves the sums as they are
    expect(mapValues(maps, 'predictiveEntropy')[0]).toBeCloseTo(Math.LN2, 6);
    expect(mapValues(maps, 'expectedEntropy')[0]).toBeCloseTo(0, 6);
    expect(mapValues(maps, 'mutualInformation')[0]).toBeCloseTo(Math.LN2, 6);
    expect(mapValues(maps, 'variance')[0]).toBeCloseTo(0.25, 6);
    expect(mapValues(maps, 'expectedEntropy')[1]).toBeCloseTo((entropy([0.2, 0.8]) + entropy([0.4, 0.6])) / 2, 6);
    expect(mapValues(maps, 'predictiveEntropy')[1]).toBeCloseTo(entropy([0.3, 0.7]), 6);
    expect(mapValues(maps, 'variance')[1]).toBeCloseTo(0.01, 6);
    expect(mapValues(maps, 'mutualInformation', new Float32Array(2))).toEqual(mapValues(maps, 'mutualInformation'));
  });
});

describe('label runs', () => {
  it('count and intersect like voxels', () => {
    const a = Uint8Array.of(0, 1, 1, 2, 0, 1, 1, 1);
    const b = Uint8Array.of(1, 1, 0, 2, 2, 0, 1, 1);
    const [a1, a2] = runsOfClasses(a, 3) as [never, never];
    const [b1, b2] = runsOfClasses(b, 3) as [never, never];
    const brute = (k: number) => a.reduce((sum, value, n) => sum + (value === k && b[n] === k ? 1 : 0), 0);
    expect(sharedVoxels(a1, b1)).toBe(brute(1));
    expect(sharedVoxels(a2, b2)).toBe(brute(2));
    expect(sampleAgreement([a1, b1]).dice).toBeCloseTo((2 * brute(1)) / (5 + 4), 12);
    expect(sampleAgreement([a1, b1]).iou).toBeCloseTo(brute(1) / (9 - brute(1)), 12);
  });

  it('put the image together again', () => {
    const image = Uint8Array.of(0, 2, 2, 1, 0, 0, 3, 3);
    expect([...classesOfRuns(runsOfClasses(image, 4), 8)]).toEqual([...image]);
  });

  it('are empty for an absent structure, whose samples agree', () => {
    const [none] = runsOfClasses(new Uint8Array(5), 2);
    expect(none!.voxelCount).toBe(0);
    expect(sampleAgreement([none!, none!])).toEqual({ dice: 1, iou: 1 });
  });
});
