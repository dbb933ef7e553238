import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { quietContext, testPorts } from '../../tests/job-ports.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { encodeNifti } from '../imaging/nifti/encode.ts';
import type { Volume } from '../imaging/volume.ts';
import { collect } from './collect.ts';

it('labels that the app could not keep as they are do not come into the library, others do', async () => {
  const root = temporaryFolder();
  const volume: Volume = {
    size: [3, 2, 2],
    affineRasMm: [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ],
    voxels: new Uint8Array(12),
    components: 1,
    warnings: [],
  };
  for (const folder of ['images', 'labels']) mkdirSync(join(root, folder));
  for (const [n, [name, label]] of [['good', 255] as const, ['large', 1001] as const].entries()) {
    const write = (folder: string, voxels: Uint8Array | Uint16Array) =>
      writeFileSync(join(root, folder, `${name}.nii`), encodeNifti({ ...volume, voxels }));
    write('images', new Uint8Array(12).fill(n + 1));
    write('labels', new Uint16Array(12).fill(label));
  }
  const ports = testPorts(root);
  const { added, problems } = await collect(ports, quietContext(), {
    kind: 'collect',
    inputs: [join(root, 'images')],
    labels: join(root, 'labels'),
  });
  expect(added).toBe(1);
  expect(problems).toEqual([{ name: 'large', message: expect.stringContaining('1001') }]);
});
