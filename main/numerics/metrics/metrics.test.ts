import { describe, expect, it } from 'vitest';
import { derive, normals, rootKey, uniforms } from '../tensors/random.ts';
import { bootstrapDifference, bootstrapMean, holm } from './bootstrap.ts';
import {
  adaptiveCalibrationError,
  countProbability,
  emptyCalibration,
  expectedCalibrationError,
  reliability,
} from './calibration.ts';
import { distanceTransform } from './distance-transform.ts';
import { overlap } from './overlap.ts';
import { surfaceAreas } from './surface-areas.ts';
import { surfaceDistance } from './surface-distance.ts';
import { areaUnderCurve, averagePrecision, countMapValue, emptyMapCounts, errorKept } from './wrong-voxel-curve.ts';

const size = [7, 5, 6] as const;
const spacingMm = [0.7, 1.3, 2.1] as const;
const placeOf = (v: number) => [v % size[0], Math.floor(v / size[0]) % size[1], Math.floor(v / (size[0] * size[1]))];

describe('overlap', () => {
  it('counts, and is not defined for two empty masks', () => {
    expect(overlap([0, 1, 1, 2], [1, 1, 2, 2], 1)).toEqual({
      dice: 0.5,
      iou: 1 / 3,
      truthVoxels: 2,
      predictedVoxels: 2,
    });
    expect(overlap([0, 1], [0, 0], 2).dice).toBeNull();
    expect(overlap([0, 1], [0, 0], 1).dice).toBe(0);
  });
});

describe('distance transform', () => {
  it('is the least distance over all marked voxels', () => {
    for (let trial = 0; trial < 20; trial++) {
      const marked = uniforms(derive(rootKey(1), trial), 7 * 5 * 6).map((u) => (u < 0.03 * (trial % 4) ? 1 : 0));
      const found = distanceTransform(marked, size, spacingMm);
      for (let v = 0; v < marked.length; v++) {
        let least = Number.POSITIVE_INFINITY;
        for (let w = 0; w < marked.length; w++) {
          if (!marked[w]) continue;
          least = Math.min(
            least,
            Math.hypot(...placeOf(v).map((x, axis) => (x - placeOf(w)[axis]!) * spacingMm[axis]!)),
          );
        }
        if (least === Number.POSITIVE_INFINITY) expect(found[v]).toBe(least);
        else expect(found[v]).toBeCloseTo(least, 9);
      }
    }
  });
});

describe('surface distance', () => {
  const box = (low: readonly number[], high: readonly number[], sides: readonly [number, number, number]) =>
    Uint8Array.from({ length: sides[0] * sides[1] * sides[2] }, (_, v) => {
      const at = [v % sides[0], Math.floor(v / sides[0]) % sides[1], Math.floor(v / (sides[0] * sides[1]))];
      return at.every((x, axis) => x >= low[axis]! && x < high[axis]!) ? 1 : 0;
    });

  it('has the area of a flat face, an edge and a corner at any spacing', () => {
    const areas = surfaceAreas([2, 3, 5]);
    expect(areas[0b00001111]).toBeCloseTo(6, 9); // a face across the third axis
    expect(areas[0b00000001]).toBeCloseTo(0.125 * Math.hypot(15, 10, 6), 9);
    expect(areas[0]).toBe(0);
    expect(areas[255]).toBe(0);
    for (let code = 0; code < 256; code++) expect(areas[255 - code]).toBeCloseTo(areas[code]!, 9);
  });

  it('is 0 between equal masks, the shift between shifted slabs, and not defined where a mask is empty', () => {
    const sides = [10, 10, 12] as const;
    const slab = box([0, 0, 2], [10, 10, 5], sides);
    const grid = { size: sides, spacingMm: [1, 1, 2] as const };
    expect(surfaceDistance(slab, slab, 1, grid)).toEqual({ hd95Mm: 0, assdMm: 0 });
    const moved = box([0, 0, 5], [10, 10, 8], sides);
    const { hd95Mm, assdMm } = surfaceDistance(slab, moved, 1, grid);
    expect(hd95Mm).toBeCloseTo(6, 9);
    expect(assdMm!).toBeGreaterThan(2);
    expect(assdMm!).toBeLessThan(6);
    expect(surfaceDistance(slab, new Uint8Array(slab.length), 1, grid)).toEqual({ hd95Mm: null, assdMm: null });
  });

  it('is the same from either side, and where masks touch the border', () => {
    const sides = [8, 8, 8] as const;
    const draw = (name: string) => uniforms(derive(rootKey(2), name), 512).map((u) => (u < 0.3 ? 1 : 0));
    const [a, b] = [draw('a'), draw('b')];
    const grid = { size: sides, spacingMm };
    expect(surfaceDistance(a, b, 1, grid)).toEqual(surfaceDistance(b, a, 1, grid));
    const all = new Uint8Array(512).fill(1);
    expect(surfaceDistance(all, all, 1, grid).hd95Mm).toBe(0);
  });
});

describe('calibration', () => {
  const counted = (truthOf: (p: number, u: number) => boolean) => {
    const counts = emptyCalibration();
    const u = uniforms(rootKey(3), 40_000);
    for (let n = 0; n < 20_000; n++) countProbability(counts, u[2 * n]!, truthOf(u[2 * n]!, u[2 * n + 1]!));
    return counts;
  };

  it('is small where probabilities are true, and the gap where they are not', () => {
    const honest = counted((p, u) => u < p);
    expect(expectedCalibrationError(honest)!).toBeLessThan(0.02);
    expect(adaptiveCalibrationError(honest)!).toBeLessThan(0.02);
    const always = counted(() => true); // mean gap of 1 - p
    expect(expectedCalibrationError(always)!).toBeCloseTo(0.5, 1);
    expect(adaptiveCalibrationError(always)!).toBeCloseTo(0.5, 1);
    expect(expectedCalibrationError(emptyCalibration())).toBeNull();
  });

  it('fills 15 bins whose voxels add up', () => {
    const bars = reliability(counted((p, u) => u < p));
    expect(bars.length).toBe(15);
    expect(bars.reduce((sum, { voxels }) => sum + voxels, 0)).toBe(20_000);
    for (const { low, high, confidence } of bars) {
      expect(confidence!).toBeGreaterThanOrEqual(low);
      expect(confidence!).toBeLessThanOrEqual(high);
    }
    expect(reliability(emptyCalibration())[0]).toMatchObject({ confidence: null, accuracy: null });
  });
});

describe('area under the curve of a map', () => {
  it('is that of all pairs, to the ties that binning makes', () => {
    const [right, wrong] = [normals(rootKey(4), 400), normals(rootKey(5), 300)].map((values, n) =>
      values.map((x) => Math.exp(x + n)),
    ) as [Float64Array, Float64Array];
    const counts = emptyMapCounts();
    for (const value of right) countMapValue(counts, value, false);
    for (const value of wrong) countMapValue(counts, value, true);
    let pairs = 0;
    for (const w of wrong) for (const r of right) pairs += w > r ? 1 : w === r ? 0.5 : 0;
    expect(Math.abs(areaUnderCurve(counts)! - pairs / (400 * 300))).toBeLessThan(1e-3);
  });

  it('has precision over recall and the error that is kept beside it', () => {
    const counts = emptyMapCounts();
    // by falling value: wrong, right, wrong, right, right (the last two tied)
    for (const [value, isWrong] of [
      [0.9, true],
      [0.8, false],
      [0.5, true],
      [0.1, false],
      [0.1, false],
    ] as const)
      countMapValue(counts, value, isWrong);
    expect(averagePrecision(counts)).toBeCloseTo((1 / 1 + 2 / 3) / 2, 12);
    expect(errorKept(counts, 0.2)).toBeCloseTo(0.5, 12);
    expect(errorKept(counts, 0.1)).toBeCloseTo(0.75, 12);
    expect(errorKept(counts, 0.6)).toBeCloseTo(0, 12);
    expect(averagePrecision(emptyMapCounts())).toBeNull();
    expect(errorKept(emptyMapCounts(), 0.1)).toBeNull();
  });

  it('is one half for a constant map, and not defined without wrong voxels', () => {
    const counts = emptyMapCounts();
    for (let n = 0; n < 10; n++) countMapValue(counts, 0, n % 2 === 0);
    expect(areaUnderCurve(counts)).toBe(0.5);
    expect(areaUnderCurve(emptyMapCounts())).toBeNull();
  });
});

describe('bootstrap', () => {
  it('has the coverage that it says, over cases', () => {
    let held = 0;
    const trials = 300;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = bootstrapMean([[...normals(derive(rootKey(6), trial), 40)]], derive(rootKey(7), trial), {
        level: 0.9,
        resamples: 300,
      });
      if (low <= 0 && high >= 0) held++;
    }
    expect(held / trials).toBeGreaterThan(0.82);
    expect(held / trials).toBeLessThan(0.95);
  });

  it('rejects no difference as often as p says, and one that is there', () => {
    const pOf = (trial: number, shift: number) => {
      const differences = [...normals(derive(rootKey(10), trial), 40)].map((x) => x + shift);
      return bootstrapDifference([differences], derive(rootKey(11), trial), { level: 0.95, resamples: 300 }).p;
    };
    const trials = 300;
    const rejected = Array.from({ length: trials }, (_, trial) => pOf(trial, 0)).filter((p) => p < 0.1).length;
    expect(rejected / trials).toBeGreaterThan(0.04);
    expect(rejected / trials).toBeLessThan(0.17);
    expect(pOf(0, 1.5)).toBeCloseTo(2 / 301, 10);
  });

  it('corrects p for several hypotheses as Holm does', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });

  it('is wider where training draws differ than over cases alone', () => {
    const cases = Array.from(normals(rootKey(8), 60), (x) => 0.01 * x);
    const draws = [0, 0.1, 0.2].map((shift) => cases.map((x) => x + shift));
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    expect(width(bootstrapMean(draws, rootKey(9)))).toBeGreaterThan(5 * width(bootstrapMean([cases], rootKey(9))));
    expect(() => bootstrapMean([], rootKey(9))).toThrow(RangeError);
  });
});
