import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { encodeNifti } from '../../imaging/nifti/encode.ts';
import type { Volume } from '../../imaging/volume.ts';
import { streamVoxels } from './stored-voxels.ts';

const folder = temporaryFolder();
const volume: Volume = {
  size: [40, 30, 200],
  affineRasMm: [
    [0, -2, 0, 5],
    [1.5, 0, 0, -7],
    [0, 0, 3, 11],
  ],
  voxels: Int16Array.from({ length: 480_000 }, (_, n) => Math.round(1000 * Math.sin(n * n))), // hardly compressible
  components: 2,
  warnings: [],
};
const bytes = encodeNifti(volume);
const file = (name: string, content: Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
async function read(path: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of (await streamVoxels(path))!.values) parts.push(part);
  return Buffer.concat(parts);
}
const code = (value: string) => expect.objectContaining({ code: value });

describe('voxels on their way', () => {
  it.each([
    ['whole.nii.gz', gzipSync(bytes)],
    ['whole.nii', bytes],
  ])('are those of the file, with its grid: %s', async (name, content) => {
    const path = file(name, content);
    const stored = await streamVoxels(path);
    expect(stored).toMatchObject({ size: volume.size, affineRasMm: volume.affineRasMm, components: 2, type: 'int16' });
    stored!.close();
    const values = await read(path);
    expect(values.equals(Buffer.from(volume.voxels.buffer))).toBe(true);
    expect(values.length).toBe(stored!.byteLength);
  });

  it('end with an error where the file is cut short, damaged or shorter than it says', async () => {
    const whole = gzipSync(bytes);
    await expect(read(file('cut.nii.gz', whole.subarray(0, whole.length / 2)))).rejects.toThrow();
    const damaged = Buffer.from(whole);
    damaged[whole.length - 6]! ^= 1; // the checksum
    await expect(read(file('damaged.nii.gz', damaged))).rejects.toThrow();
    await expect(read(file('short.nii.gz', gzipSync(bytes.subarray(0, 300_000))))).rejects.toThrow(
      code('image/truncated'),
    );
    await expect(read(file('short.nii', bytes.subarray(0, 300_000)))).rejects.toThrow(code('image/truncated'));
    await expect(streamVoxels(file('no.nii.gz', Buffer.from('no gzip')))).rejects.toThrow(code('image/damaged'));
    await expect(streamVoxels(join(folder, 'absent.nii.gz'))).rejects.toThrow(code('storage/not-found'));
  });

  it('are left to the reader of all files where they would have to be changed', async () => {
    const scaled = Buffer.from(bytes);
    scaled.writeFloatLE(2, 112); // scl_slope
    expect(await streamVoxels(file('scaled.nii.gz', gzipSync(scaled)))).toBeUndefined();
  });
});
