import { describe, expect, test } from 'vitest';
import type { Sides } from '../../tensors/patches.ts';
import { derive, normals, rootKey } from '../../tensors/random.ts';
import { augment, type LabelledImage } from './augment.ts';
import { type AugmentationSettings, augmentationSettingsSchema, defaultAugmentation } from './augmentation-settings.ts';

const key = rootKey(5);

/** An ellipsoid of class 1 (rear half) and 2; the image is 1, 2 or 0 there, so that image and labels can be compared. */
function ellipsoid(size: Sides, channels = 1): LabelledImage {
  const [deep, high, wide] = size;
  const labels = new Uint8Array(deep * high * wide);
  for (let d = 0, n = 0; d < deep; d++)
    for (let h = 0; h < high; h++)
      for (let w = 0; w < wide; w++, n++) {
        const away =
          ((d / (deep - 1) - 0.5) / 0.25) ** 2 +
          ((h / (high - 1) - 0.5) / 0.35) ** 2 +
          ((w / (wide - 1) - 0.5) / 0.25) ** 2;
        if (away < 1) labels[n] = h < high / 2 ? 1 : 2;
      }
  const image = new Float32Array(labels.length * channels).map(
    (_, n) => labels[Math.floor(n / channels)]! + 10 * (n % channels),
  );
  return { image, labels, size, channels };
}

const still: AugmentationSettings = {
  ...defaultAugmentation,
  shiftVoxels: 0,
  foreground: 0,
  spatial: { ...defaultAugmentation.spatial, probability: 0 },
  intensity: augmentationSettingsSchema.parse(
    JSON.parse(JSON.stringify(defaultAugmentation), (name, value) => (name === 'probability' ? 0 : value)),
  ).intensity,
};
const always: AugmentationSettings = augmentationSettingsSchema.parse(
  JSON.parse(JSON.stringify(defaultAugmentation), (name, value) => (name === 'probability' ? 1 : value)),
);
const count = (labels: Uint8Array, label: number) => labels.filter((value) => value === label).length;

describe('augment', () => {
  test('depends on the key alone', () => {
    const sample = ellipsoid([20, 24, 18]);
    const settings = { ...always, patch: [16, 24, 20] as const };
    const first = augment(sample, settings, key);
    augment(sample, settings, derive(key, 'other'));
    expect(augment(sample, settings, key)).toEqual(first);
    expect(augment(sample, settings, derive(key, 'other')).image).not.toEqual(first.image);
  });

  test('without any change it is the scan, and beyond it the nearest edge voxel', () => {
    const sample = ellipsoid([6, 8, 6]);
    expect(augment(sample, { ...still, patch: [6, 8, 6] }, key)).toMatchObject({
      image: sample.image,
      labels: sample.labels,
    });
    const ramp = { ...sample, image: Float32Array.from(sample.labels, (_, n) => n % 6) };
    const padded = augment(ramp, { ...still, patch: [6, 8, 10] }, key);
    const row = [...padded.image.subarray(0, 10)];
    const first = row.lastIndexOf(0); // the scan lies anywhere in the padding, at a fraction of a voxel
    expect(row).toEqual([...row].sort((a, b) => a - b));
    expect(row[0]).toBe(0);
    expect(row.at(-1)).toBe(5);
    expect(row[first + 3]! - row[first + 2]!).toBeCloseTo(1, 5);
  });

  test('image and labels move together', () => {
    const sample = ellipsoid([30, 36, 30]);
    for (let draw = 0; draw < 5; draw++) {
      const moved = augment(sample, { ...still, patch: [30, 36, 30], spatial: always.spatial }, derive(key, draw));
      const inside = Uint8Array.from(moved.image, (value) => Number(value > 0.5));
      const differing = moved.labels.filter((label, n) => Number(label > 0) !== inside[n]).length;
      expect(differing / count(inside, 1)).toBeLessThan(0.06); // where 0, 1 and 2 meet the image is ambiguous
      expect(count(inside, 1)).toBeGreaterThan(1000);
    }
  });

  test('volumes change as much as the scale allows', () => {
    const sample = ellipsoid([30, 36, 30]);
    const before = count(sample.labels, 1) + count(sample.labels, 2);
    const settings = {
      ...still,
      patch: [48, 52, 48] as const,
      spatial: { ...always.spatial, elastic: { ...always.spatial.elastic, probability: 0 } },
    };
    for (let draw = 0; draw < 12; draw++) {
      const { labels } = augment(sample, settings, derive(key, draw));
      const ratio = (count(labels, 1) + count(labels, 2)) / before;
      expect(ratio).toBeGreaterThan(0.85 ** 3 * 0.95 ** 3 * 0.97);
      expect(ratio).toBeLessThan(1.2 ** 3 * 1.05 ** 3 * 1.03);
    }
  });

  test('a mirror image is exact, along the axis asked for', () => {
    const size: Sides = [4, 5, 6];
    const image = Float32Array.from(normals(key, 120));
    const labels = new Uint8Array(120).map((_, n) => n % 3);
    const settings = { ...still, patch: size, spatial: { ...still.spatial, mirror: [0, 0, 1] as const } };
    const { image: mirrored, labels: mirroredLabels } = augment({ image, labels, size, channels: 1 }, settings, key);
    for (let n = 0; n < 120; n++) {
      const other = n - (n % 6) + (5 - (n % 6));
      expect(mirrored[n]).toBe(image[other]);
      expect(mirroredLabels[n]).toBe(labels[other]);
    }
  });

  test('patches of a greater scan reach its edges and no further, and favour the foreground', () => {
    const size: Sides = [40, 40, 40];
    const labels = new Uint8Array(64_000);
    labels[(5 * 40 + 35) * 40 + 20] = 1;
    const sample = { image: new Float32Array(64_000).map((_, n) => n % 40), labels, size, channels: 1 };
    let [least, greatest, hits] = [40, 0, 0];
    for (let draw = 0; draw < 60; draw++) {
      const patch = augment(sample, { ...still, patch: [12, 12, 12], foreground: 0.5 }, derive(key, draw));
      const [first, last] = [patch.image[0]!, patch.image[11]!];
      expect(last - first).toBeCloseTo(11, 4); // nothing is padded
      least = Math.min(least, first);
      greatest = Math.max(greatest, last);
      hits += Number(patch.labels.includes(1));
    }
    expect(least).toBeLessThan(3);
    expect(greatest).toBeGreaterThan(36);
    expect(hits).toBeGreaterThan(20);
  });

  test('channels stay apart and everything is finite, on a constant scan too', () => {
    const sample = ellipsoid([16, 16, 16], 2);
    const still2 = augment(sample, { ...still, patch: [16, 16, 16] }, key).image;
    expect(still2.every((value, n) => (n % 2 === 0 ? value <= 2 : value >= 10))).toBe(true);
    expect(augment(sample, { ...always, patch: [16, 16, 16] }, key).image.every(Number.isFinite)).toBe(true);
    const constant = { ...sample, image: new Float32Array(sample.image.length).fill(3) };
    expect(augment(constant, { ...always, patch: [16, 16, 16] }, key).image.every(Number.isFinite)).toBe(true);
  });
});
