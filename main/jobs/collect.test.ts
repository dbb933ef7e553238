import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { jobRequests } from '../../contract/jobs.ts';
import { quietContext, testPorts } from '../../tests/job-ports.ts';
import { madeSlice } from '../../tests/made-dicom.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { encodeNifti } from '../imaging/nifti/encode.ts';
import type { Volume } from '../imaging/volume.ts';
import { openPorts } from '../storage/open-ports.ts';
import { collect } from './collect.ts';

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
const writeScan = (path: string, value: number) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encodeNifti({ ...volume, voxels: new Uint8Array(12).fill(value) }));
};
const collecting = (...inputs: string[]) => jobRequests.collect.parse({ kind: 'collect', inputs });

it('a folder of images and labels comes as labelled scans, also where the images were there before', async () => {
  const root = temporaryFolder();
  const ports = testPorts(root);
  writeScan(join(root, 'set', 'images', 'one.nii'), 1);
  writeScan(join(root, 'set', 'labels', 'one.nii'), 2);
  const first = await collect(ports, quietContext(), collecting(join(root, 'set', 'images', 'one.nii')));
  expect(first.added).toBe(1);
  const library = openPorts(join(root, 'home')).library;
  expect((await library.entry(first.scans[0]!)).labels).toBeNull();
  const second = await collect(ports, quietContext(), collecting(join(root, 'set')));
  expect(second).toMatchObject({ added: 0, gotLabels: 1, scans: first.scans, problems: [] });
  expect((await library.entry(first.scans[0]!)).labels).toMatchObject({
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    structures: [{ label: 2, name: 'label 2' }],
  });
});

it('images without labels come too, and label images are no scans: beside each other, in sub-folders, in a raw data set', async () => {
  const root = temporaryFolder();
  const ports = testPorts(root);
  let value = 0;
  const paired = (folder: string, images: string, labels: string, suffix = '') => {
    for (const name of ['one', 'two']) writeScan(join(folder, images, `${name}${suffix}.nii`), ++value);
    writeScan(join(folder, labels, 'one.nii'), 1);
  };
  paired(join(root, 'beside'), 'images', 'labels');
  paired(join(root, 'study', 'site'), 'images', 'labels');
  paired(join(root, 'raw'), 'imagesTr', 'labelsTr', '_0000');
  writeScan(join(root, 'raw', 'imagesTs', 'three_0000.nii'), ++value);
  writeFileSync(
    join(root, 'raw', 'dataset.json'),
    JSON.stringify({ channel_names: { 0: 'T1' }, labels: { lesion: 1 } }),
  );
  const inputs = [
    join(root, 'beside', 'images'),
    join(root, 'beside', 'labels'),
    join(root, 'study'),
    join(root, 'raw'),
  ];
  const { added, problems } = await collect(ports, quietContext(), collecting(...inputs));
  expect([added, problems]).toEqual([7, []]);
  const entries = await openPorts(join(root, 'home')).library.list();
  expect(entries.filter(({ labels }) => labels?.sha256).map(({ name }) => name)).toEqual(['one', 'one', 'one']);
  expect(entries.flatMap(({ labels }) => labels?.structures.map(({ name }) => name) ?? []).sort()).toEqual([
    'label 1',
    'label 1',
    'lesion',
  ]);
});

it('a folder is walked to its end, whatever formats lie in it, and the same scan twice is one', async () => {
  const root = temporaryFolder();
  const ports = testPorts(root);
  writeScan(join(root, 'study', 'a.nii'), 1);
  writeFileSync(join(root, 'study', 'a.nii.gz'), gzipSync(readFileSync(join(root, 'study', 'a.nii'))));
  writeScan(join(root, 'study', 'p1', 't1.nii'), 2);
  mkdirSync(join(root, 'study', 'p2'));
  for (const z of [0, 3])
    writeFileSync(
      join(root, 'study', 'p2', `${z}`),
      madeSlice({ instance: z + 1, position: [0, 0, z], pixels: [[z, 1]] }),
    );
  const { added, problems } = await collect(ports, quietContext(), collecting(join(root, 'study')));
  expect([added, problems]).toEqual([3, []]);
  const names = (await openPorts(join(root, 'home')).library.list()).map(({ name }) => name).sort();
  expect(names).toEqual(['a', 'p1 t1', 'study']);
});

it('labels that the app could not keep as they are do not come into the library, others do', async () => {
  const root = temporaryFolder();
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
