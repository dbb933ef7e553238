import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { affineOf, countedVolume } from '../../tests/imaging-oracle.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { encodeNifti } from '../imaging/nifti/encode.ts';
import { encodeDetachedNrrd, encodeNrrd } from '../imaging/nrrd/encode.ts';
import type { Volume } from '../imaging/volume.ts';
import { decodeDicom } from './dicom/decode-dicom.ts';
import { openDicomFiles } from './dicom/dicom-files.ts';
import { openScanFiles } from './scan-files.ts';

const scanFiles = openScanFiles(openDicomFiles({ decode: decodeDicom }));

const root = temporaryFolder();
const volume: Volume = countedVolume({ size: [4, 3, 2], affineRasMm: affineOf('RAS') });
let folders = 0;
/** A new folder with these files; text or the volume as NIfTI. */
function folderOf(...files: readonly (string | readonly [string, Uint8Array | string])[]): string {
  const folder = join(root, `f${folders++}`);
  for (const file of files) {
    const [name, content] =
      typeof file === 'string' ? [file, encodeNifti(volume, { gzip: file.endsWith('gz') })] : file;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
const code = (value: string, details = {}) =>
  expect.objectContaining({ code: value, details: expect.objectContaining(details) });

describe('scans of a folder', () => {
  test('are listed by name, without what is no scan; a file is itself', async () => {
    const folder = folderOf('b.nii.gz', 'a.nrrd', '.hidden.nii', ['notes.txt', 'x']);
    expect((await scanFiles.listScans(folder)).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(await scanFiles.listScans(join(folder, 'b.nii.gz'))).toEqual([
      { name: 'b', path: join(folder, 'b.nii.gz') },
    ]);
  });

  test('are refused where there is none, where two have one name, where there is no folder', async () => {
    await expect(scanFiles.listScans(folderOf(['readme.txt', 'x']))).rejects.toThrow(code('storage/no-scans'));
    await expect(scanFiles.listScans(folderOf('a.nii', 'a.nii.gz'))).rejects.toThrow(
      code('storage/duplicate-scan', { name: 'a' }),
    );
    await expect(scanFiles.listScans(join(root, 'absent'))).rejects.toThrow(code('storage/not-found'));
  });
});

describe('one volume', () => {
  test('has the same hash in every format and voxel type, another where a voxel, the place or the size differs', async () => {
    const { header, data } = encodeDetachedNrrd(volume, 'data.raw.gz');
    const pair = encodeNifti(volume);
    pair.set([0x6e, 0x69, 0x31, 0], 344); // ni1: the voxels are in the .img
    new DataView(pair.buffer).setFloat32(108, 0, true);
    const folder = folderOf(
      'a.nii.gz',
      ['b.nrrd', encodeNrrd(volume)],
      ['c.nhdr', header],
      ['data.raw.gz', data],
      ['d.hdr', pair.subarray(0, 348)],
      ['d.img', pair.subarray(352)],
      ['e.nii', encodeNifti({ ...volume, voxels: Float64Array.from(volume.voxels) })],
    );
    const hashes = await Promise.all(
      ['a.nii.gz', 'b.nrrd', 'c.nhdr', 'd.hdr', 'e.nii'].map(async (name) =>
        scanFiles.hashVolume(await scanFiles.readVolume(join(folder, name))),
      ),
    );
    expect(new Set(hashes).size).toBe(1);
    const others: Volume[] = [
      { ...volume, voxels: volume.voxels.map((value, n) => (n === 5 ? value + 1 : value)) as Int16Array },
      { ...volume, affineRasMm: affineOf('LAS') },
      { ...volume, size: [3, 4, 2] },
    ];
    for (const other of others) expect(scanFiles.hashVolume(other)).not.toBe(hashes[0]);
  });

  test('a header that names a file elsewhere reads none', async () => {
    const { header } = encodeDetachedNrrd(volume, '../data.raw');
    await expect(scanFiles.readVolume(join(folderOf(['a.nhdr', header], ['data.raw', 'x']), 'a.nhdr'))).rejects.toThrow(
      code('nrrd/data-missing'),
    );
    await expect(scanFiles.readVolume(join(root, 'absent.nii'))).rejects.toThrow(code('storage/not-found'));
  });
});

describe('labelled data sets', () => {
  test('two folders with matching names', async () => {
    const [images, labels] = [folderOf('a.nii.gz', 'b.nrrd'), folderOf('a.nii', 'b.nii.gz', 'c.nii')];
    const { cases, channels } = await scanFiles.readDataset({ images, labels });
    expect(cases.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(cases[0]).toEqual({ name: 'a', imagePaths: [join(images, 'a.nii.gz')], labelPath: join(labels, 'a.nii') });
    expect(channels).toEqual([]);
  });

  test('an nnU-Net raw data set of two channels, named by its description', async () => {
    const description = {
      channel_names: { 0: 'T1', 1: 'FLAIR' },
      labels: { background: 0, tumour: 1, 'enhancing rim': 3 },
    };
    const images = folderOf('imagesTr/p1_0000.nii.gz', 'imagesTr/p1_0001.nii.gz', 'labelsTr/p1.nii.gz', [
      'dataset.json',
      JSON.stringify(description),
    ]);
    const { cases, channels, labelNames } = await scanFiles.readDataset({ images, labels: images });
    expect(cases[0]!.imagePaths.map((path) => path.slice(images.length + 1))).toEqual([
      'imagesTr/p1_0000.nii.gz',
      'imagesTr/p1_0001.nii.gz',
    ]);
    expect(channels).toEqual(['T1', 'FLAIR']);
    expect(labelNames).toEqual({ 1: 'tumour', 3: 'enhancing rim' });
  });

  test('say what is missing or contradictory', async () => {
    const read = (images: string, labels: string) => scanFiles.readDataset({ images, labels });
    const one = folderOf('a.nii');
    await expect(read(one, one)).rejects.toThrow(code('storage/labels-are-images'));
    await expect(read(one, folderOf('b.nii'))).rejects.toThrow(code('storage/label-missing', { name: 'a' }));
    await expect(read(folderOf('a_0001.nii'), one)).rejects.toThrow(
      code('storage/channel-missing', { name: 'a', channel: '0000' }),
    );
    const uneven = folderOf('a_0000.nii', 'a_0001.nii', 'b_0000.nii');
    await expect(read(uneven, folderOf('a.nii', 'b.nii'))).rejects.toThrow(
      code('storage/channel-count-differs', { second: 'b' }),
    );
    const broken = folderOf('imagesTr/a_0000.nii', 'labelsTr/a.nii', ['dataset.json', '{']);
    await expect(read(broken, broken)).rejects.toThrow(code('storage/corrupted'));
  });
});
