import { expect, test } from 'vitest';
import { normals, rootKey } from '../tensors/random.ts';
import { restyle } from './restyle.ts';
import { quantileShares, scanFeatures } from './scan-features.ts';

const size = [12, 12, 12] as const;
const image = Float32Array.from(normals(rootKey(1), 12 ** 3));

test('a restyled scan has the quantiles of the site, in the order of its own voxels or the reverse', () => {
  const features = scanFeatures(
    image.map((value) => value + 0.3 * value * value),
    size,
    1,
  );
  for (const reversed of [false, true]) {
    const styled = restyle(image, 1, { features: [...features], reversed });
    const quantiles = scanFeatures(styled, size, 1);
    for (const n of quantileShares.keys()) expect(quantiles[n]).toBeCloseTo(features[n]!, 1);
    const brightest = image.indexOf(Math.max(...image));
    expect(styled[brightest]).toBe(reversed ? Math.min(...styled) : Math.max(...styled));
  }
});

test('in its own style a scan stays', () => {
  const own = restyle(image, 1, { features: [...scanFeatures(image, size, 1)], reversed: false });
  for (let n = 0; n < image.length; n += 97) expect(own[n]).toBeCloseTo(image[n]!, 5);
});
