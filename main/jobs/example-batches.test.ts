import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useTensorflow } from '../../tests/back-end.ts';
import { normals, rootKey } from '../numerics/tensors/random.ts';
import { defaultAugmentation } from '../numerics/training/augmentation/augmentation-settings.ts';
import { exampleBatches } from './example-batches.ts';

const size = [8, 8, 8] as const;
const cases = [1, 2, 3].map((seed) => ({
  name: String(seed),
  image: Float32Array.from(normals(rootKey(seed), 512)),
  labels: Uint8Array.from({ length: 512 }, (_, n) => n % 2),
  size,
  imageSha256: '',
  labelSha256: '',
}));
const batchesOf = (reuse: number) =>
  exampleBatches({
    caseCount: 3,
    caseAt: async (number) => cases[number]!,
    channels: 1,
    classes: 2,
    patch: size,
    batch: 2,
    augmentation: defaultAugmentation,
    pool: { size: 4, reuse },
    key: rootKey(9),
  });
async function imagesOf(batches: ReturnType<typeof batchesOf>, step: number): Promise<readonly string[]> {
  const examples = await batches(step);
  const images = examples.map(({ image }) =>
    Buffer.from(image.dataSync<'float32'>().slice().buffer).toString('base64'),
  );
  for (const { image, truth } of examples) {
    image.dispose();
    truth.dispose();
  }
  return images;
}

describe.skipIf(!useTensorflow())('batches', () => {
  test.each([1, 3])('depend on the step alone, so that a resumed training meets the same (reuse %i)', async (reuse) => {
    const whole = batchesOf(reuse);
    const all = [];
    for (let step = 0; step < 12; step++) all.push(await imagesOf(whole, step));
    const resumed = batchesOf(reuse);
    for (let step = 7; step < 12; step++) expect(await imagesOf(resumed, step)).toEqual(all[step]);
  });

  test('with reuse are drawn several times and made anew in turn; without never the same twice', async () => {
    const distinct = async (reuse: number) => {
      const batches = batchesOf(reuse);
      const images = [];
      for (let step = 0; step < 24; step++) images.push(...(await imagesOf(batches, step)));
      return new Set(images).size;
    };
    expect(await distinct(1)).toBe(48);
    const reused = await distinct(3);
    expect(reused).toBeGreaterThanOrEqual(16);
    expect(reused).toBeLessThan(24);
  });

  test('leave no tensor behind', async () => {
    const batches = batchesOf(1);
    await imagesOf(batches, 0);
    const before = memory().numTensors;
    await imagesOf(batches, 1);
    expect(memory().numTensors).toBe(before);
  });
});
