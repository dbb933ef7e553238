import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { encodeNifti } from '../../imaging/nifti/encode.ts';
import { gzipNiftiSeries } from './nifti-streams.ts';
import { readNiftiComponent } from './read-nifti-component.ts';
import { writeNewFile } from './write-file.ts';

const folder = temporaryFolder();
const grid = {
  size: [61, 43, 29],
  affineRasMm: [
    [-0.8, 0, 0, 20],
    [0, 0.9, 0.1, -3],
    [0, -0.1, 3, 7],
  ],
} as const;
const count = grid.size[0] * grid.size[1] * grid.size[2];
const image = (n: number) => Uint8Array.from({ length: count }, (_, v) => (v * (n + 3) * 7) % 251);

describe('a series of images', () => {
  const path = join(folder, 'series.nii.gz');
  it('is the same file as all at once, and gives back each by itself', async () => {
    const images = [0, 1, 2, 3].map(image);
    await writeNewFile(path, gzipNiftiSeries({ grid, count: 4, images }));
    const whole = encodeNifti({
      ...grid,
      voxels: Uint8Array.from(images.flatMap((one) => [...one])),
      components: 4,
      warnings: [],
    });
    expect(Buffer.compare(gunzipSync(readFileSync(path)), whole)).toBe(0);
    for (const [n, wanted] of images.entries()) {
      const { voxels, components, size } = await readNiftiComponent(path, n);
      expect(size).toEqual(grid.size);
      expect(components).toBe(1);
      expect(Buffer.compare(voxels as Uint8Array, wanted)).toBe(0);
    }
  });

  it('names what it does not hold, and what is damaged', async () => {
    await expect(readNiftiComponent(path, 4)).rejects.toMatchObject({ code: 'image/no-such-component' });
    await expect(readNiftiComponent(join(folder, 'none.nii.gz'), 0)).rejects.toMatchObject({
      code: 'storage/not-found',
    });
    const short = join(folder, 'short.nii.gz');
    writeFileSync(short, readFileSync(path));
    truncateSync(short, Math.floor(readFileSync(path).length / 2));
    await expect(readNiftiComponent(short, 3)).rejects.toMatchObject({ code: 'image/damaged' });
    const small = { ...grid, size: [2, 2, 2] as const };
    const tiny = join(folder, 'tiny.nii.gz');
    await writeNewFile(
      tiny,
      gzipNiftiSeries({ grid: small, count: 2, images: [new Uint8Array(8), new Uint8Array(8).fill(5)] }),
    );
    expect([...(await readNiftiComponent(tiny, 1)).voxels]).toEqual(Array(8).fill(5));
  });

  it('refuses to be shorter than its header says', async () => {
    const broken = gzipNiftiSeries({ grid, count: 3, images: [image(0)] });
    await expect(writeNewFile(join(folder, 'broken.nii.gz'), broken)).rejects.toThrow('series of 3 images had 1');
  });
});
