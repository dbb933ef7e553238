import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useTensorflow } from '../../../tests/back-end.ts';
import { derive, normals, rootKey } from '../tensors/random.ts';
import { batchLogDensity } from './batch-log-density.ts';
import { countParameters, type Family, openGaussian } from './gaussian-component.ts';

describe.skipIf(!useTensorflow())('log densities of many rows', () => {
  test.each<Family>(['factorised', 'low-rank', 'full'])('are those of one row after another: %s', (family) => {
    const [D, count] = [12, 5000]; // more than a block
    const rank = family === 'low-rank' ? 3 : 0;
    const parameters = normals(derive(rootKey(1), family), countParameters(family, D, rank)).map((x) => 0.5 * x);
    const component = { family, dimensions: D, rank, parameters };
    const values = Float32Array.from(normals(rootKey(2), count * D));
    const before = memory().numTensors;
    const found = batchLogDensity(component, { values, dimensions: D });
    expect(memory().numTensors).toBe(before);
    const open = openGaussian(component);
    for (const n of [0, 1, 4095, 4096, 4999]) {
      const expected = open.logDensity(Float64Array.from(values.subarray(n * D, (n + 1) * D)));
      expect(Math.abs(found[n]! - expected)).toBeLessThan(1e-5 * Math.abs(expected));
    }
    expect(found.length).toBe(count);
  });
});
