import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { madeSlice } from '../../../tests/made-dicom.ts';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { encodeNifti } from '../../imaging/nifti/encode.ts';
import { openScanFiles } from '../scan-files.ts';
import { decodeDicom } from './decode-dicom.ts';
import { openDicomFiles } from './dicom-files.ts';

const root = temporaryFolder();
const scans = openScanFiles(openDicomFiles({ decode: decodeDicom }));

const filesOf = (value: number): Record<string, Uint8Array> =>
  Object.fromEntries(
    [0, 3, 6].map((z, n) => [
      `slice-${n}`,
      madeSlice({
        instance: n + 1,
        position: [0, 0, z],
        pixels: [
          [value, z],
          [0, 0],
        ],
      }),
    ]),
  );

function write(folder: string, files: Readonly<Record<string, Uint8Array>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

test('sub-folders and zips are cases by their names, with label images beside them', async () => {
  const images = join(root, 'images');
  write(join(images, 'first'), filesOf(1));
  write(join(images, 'second'), filesOf(2));
  write(images, { 'third.zip': zipSync({ a: filesOf(3) }) });
  const one = await scans.readVolume((await scans.listScans(join(images, 'first')))[0]!.path);
  const labels = write(
    join(root, 'labels'),
    Object.fromEntries(
      ['first', 'second', 'third'].map((name) => [
        `${name}.nii`,
        encodeNifti({ ...one, voxels: new Uint8Array(12).fill(1) }),
      ]),
    ),
  );
  const { cases } = await scans.readDataset({ images, labels });
  expect(cases.map(({ name }) => name)).toEqual(['first', 'second', 'third']);
  for (const [n, { imagePaths }] of cases.entries()) {
    const { size, voxels } = await scans.readVolume(imagePaths[0]!);
    expect([size, voxels[0], voxels[9]]).toEqual([[2, 2, 3], 2 * (n + 1), 12]);
  }
});

test('a folder of one series is named after itself; one without volumes says why', async () => {
  const folder = write(join(root, 'visit'), filesOf(4));
  expect((await scans.listScans(folder)).map(({ name }) => name)).toEqual(['visit']);
  const flat = write(join(root, 'flat'), { only: filesOf(5)['slice-0']! });
  await expect(scans.listScans(flat)).rejects.toThrow(expect.objectContaining({ code: 'dicom/one-slice' }));
  await expect(scans.listScans(write(join(root, 'empty'), { 'a.txt': new Uint8Array(3) }))).rejects.toThrow(
    expect.objectContaining({ code: 'storage/no-scans' }),
  );
});

test('slices that are named one by one are one volume, beside inputs of other kinds', async () => {
  const folder = write(join(root, 'picked'), filesOf(6));
  const slices = Object.keys(filesOf(6)).map((name) => join(folder, name));
  const other = join(write(join(root, 'elsewhere'), filesOf(7)), 'slice-0');
  const volume = join(root, 'whole.nii');
  const { voxels, ...grid } = await scans.readVolume((await scans.listScans(folder))[0]!.path);
  writeFileSync(volume, encodeNifti({ ...grid, voxels }));
  const inputs = await scans.bundle([slices[2]!, volume, slices[0]!, folder, slices[1]!, other]);
  expect(inputs.slice(1)).toEqual([volume, folder, other]);
  const [one, ...more] = await scans.listScans(inputs[0]!);
  expect([one!.name, more]).toEqual(['series-7', []]);
  expect((await scans.readVolume(one!.path)).voxels).toEqual(voxels);
  expect(await scans.bundle([join(root, 'absent')])).toEqual([join(root, 'absent')]);
});
