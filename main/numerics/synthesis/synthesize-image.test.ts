import { describe, expect, test } from 'vitest';
import type { Sides } from '../tensors/patches.ts';
import { perAxis } from '../tensors/per-axis.ts';
import { derive, rootKey } from '../tensors/random.ts';
import { drawAppearances, type IntensityModel } from './intensity-model.ts';
import { reachOf } from './margin.ts';
import { defaultSynthesis } from './synthesis-settings.ts';
import { type LabelCrop, synthesizeImage } from './synthesize-image.ts';

const key = rootKey(11);
const size: Sides = [64, 64, 64];
const settings = { ...defaultSynthesis, crop: [24, 28, 26] as const };

/** A ball of label 17 at the middle, label 4 towards greater i, label 2 elsewhere. */
const crop: LabelCrop = {
  labels: Uint16Array.from({ length: 64 ** 3 }, (_, n) => {
    const [d, h, w] = [Math.floor(n / 4096) - 31.5, (Math.floor(n / 64) % 64) - 31.5, (n % 64) - 31.5];
    return Math.hypot(d, h, w) < 7 ? 17 : w > 8 ? 4 : 2;
  }),
  values: [2, 4, 17],
  size,
  centre: [31.5, 31.5, 31.5],
};
const model: IntensityModel = {
  classes: new Map([
    [2, 0],
    [4, 1],
    [17, 2],
  ]),
  measured: {
    classes: new Map([
      [2, 0],
      [4, 1],
      [17, 2],
    ]),
    means: [
      [160, 0],
      [40, 0],
      [100, 0],
    ],
    deviations: [
      [5, 0],
      [5, 0],
      [5, 0],
    ],
  },
};
const meanWhere = (image: Float32Array, labels: Uint16Array, label: number) => {
  const values = image.filter((_, n) => labels[n] === label);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};

describe('synthesizeImage', () => {
  test('depends on the key alone, is finite, within 0 to 1, of the size asked for', () => {
    const first = synthesizeImage(crop, model, settings, key);
    synthesizeImage(crop, model, settings, derive(key, 'other'));
    expect(synthesizeImage(crop, model, settings, key)).toEqual(first);
    expect(synthesizeImage(crop, model, settings, derive(key, 'other')).image).not.toEqual(first.image);
    expect(first.image.length).toBe(24 * 28 * 26);
    expect(first.image.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  test('the structure keeps its volume within what scale and deformation allow, and labels their values', () => {
    const volume = crop.labels.filter((label) => label === 17).length;
    for (let draw = 0; draw < 8; draw++) {
      const { labels } = synthesizeImage(crop, model, settings, derive(key, draw));
      const ratio = labels.filter((label) => label === 17).length / volume;
      expect(ratio).toBeGreaterThan(0.35);
      expect(ratio).toBeLessThan(2.2);
      expect([...new Set(labels)].every((label) => crop.values.includes(label))).toBe(true);
    }
  });

  test('mirrored half of the time', () => {
    let mirrored = 0;
    const draws = 60;
    for (let draw = 0; draw < draws; draw++) {
      const { labels } = synthesizeImage(crop, model, { ...settings, crop: [12, 12, 26] }, derive(key, draw));
      const left = labels.filter((label, n) => label === 4 && n % 26 < 13).length;
      const right = labels.filter((label, n) => label === 4 && n % 26 >= 13).length;
      mirrored += Number(left > right);
    }
    expect(Math.abs(mirrored - draws / 2)).toBeLessThan(4 * Math.sqrt(draws / 4));
  });

  test('measured contrast: white matter above the structure above fluid, in every image', () => {
    for (let draw = 0; draw < 5; draw++) {
      const { image, labels } = synthesizeImage(crop, model, { ...settings, intensities: 't1' }, derive(key, draw));
      expect(meanWhere(image, labels, 2)).toBeGreaterThan(meanWhere(image, labels, 17));
      expect(meanWhere(image, labels, 17)).toBeGreaterThan(meanWhere(image, labels, 4));
    }
  });

  test('beyond the label map there is background', () => {
    const { labels } = synthesizeImage({ ...crop, centre: [31.5, 31.5, 62] }, model, settings, key);
    expect(labels.includes(0)).toBe(true);
  });
});

test('a crop as wide as the reach shows no end of the map', () => {
  const reach = reachOf(settings);
  const sides = perAxis((axis) => 2 * reach[axis] + 1);
  const full: LabelCrop = {
    labels: new Uint16Array(sides[0] * sides[1] * sides[2]).fill(2),
    values: [2],
    size: sides,
    centre: reach,
  };
  for (let draw = 0; draw < 20; draw++) {
    expect(synthesizeImage(full, model, settings, derive(key, draw)).labels.includes(0)).toBe(false);
  }
});

describe('drawAppearances', () => {
  test('labels of one class look alike in random contrasts, others do not', () => {
    const shared: IntensityModel = {
      classes: new Map([
        [2, 0],
        [41, 0],
        [17, 1],
      ]),
    };
    const looks = drawAppearances([2, 41, 17, 99], shared, 'random', key);
    expect(looks.get(2)).toEqual(looks.get(41));
    expect(new Set([...looks.values()].map(({ mean }) => mean)).size).toBe(3);
  });

  test('random means cover the scale evenly', () => {
    const means = Array.from(
      { length: 400 },
      (_, n) => drawAppearances([1], { classes: new Map() }, 'random', derive(key, n)).get(1)!.mean,
    );
    const mean = means.reduce((sum, value) => sum + value, 0) / 400;
    expect(Math.abs(mean - 127.5)).toBeLessThan((4 * 255) / Math.sqrt(12 * 400));
    expect(Math.min(...means)).toBeLessThan(8);
    expect(Math.max(...means)).toBeGreaterThan(247);
  });

  test('a mixed choice takes each half of the time', () => {
    const nearMeasured = Array.from(
      { length: 200 },
      (_, n) => drawAppearances([2], model, 'mixed', derive(key, n)).get(2)!.mean,
    ).filter((mean) => Math.abs(mean - 160) < 16);
    expect(nearMeasured.length).toBeGreaterThan(85); // 100 and some by chance
    expect(nearMeasured.length).toBeLessThan(140);
  });
});
