import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeImage } from '../main/imaging/decode-image.ts';
import { cornerDistanceMm } from '../main/imaging/geometry/grids.ts';
import { hasPeer, python } from './peers.ts';
import { isSetUp, runFewscan } from './run-fewscan.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = temporaryFolder();
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** What pydicom and highdicom find in an object of a result, beside the same as NIfTI. */
function readBack(name: string, [object, image, reader]: readonly [string, string, string]) {
  const result = (file: string) => join(root, 'results', name, file);
  const files = [result(object), result(image), join(root, name)];
  const { status, stdout, stderr } = spawnSync(python!, [path(reader), ...files], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}
const labelsOf = (name: string) => decodeImage(readFileSync(join(root, 'results', name, 'segmentation.nii.gz')));

test.skipIf(!isSetUp || !hasPeer('pydicom') || !hasPeer('nibabel'))(
  'a scan as classic and as enhanced MR DICOM, straight and oblique, gets the labels of its NIfTI',
  async () => {
    const scan = path('../resources/demo/imagesTs/hippocampus_040.nii.gz');
    expect(existsSync(scan)).toBe(true);
    const made = spawnSync(python!, [path('write_dicom.py'), scan, root], { encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
    const inputs = ['straight', 'oblique'].flatMap((name) => [`${name}.nii.gz`, `${name}-classic`, `${name}-enhanced`]);
    const { status, stderr } = await runFewscan(
      [
        'segment',
        ...inputs.map((name) => join(root, name)),
        '--model',
        'hippocampus-demo',
        '--samples',
        '3',
        '--dicom-map',
        '--out',
        join(root, 'results'),
        '--quiet',
      ],
      join(root, 'home'),
    );
    expect(status, stderr).toBe(0);
    for (const name of ['straight', 'oblique']) {
      for (const object of ['segmentation.dcm', 'uncertainty.dcm'])
        expect(existsSync(join(root, 'results', name, object))).toBe(false);
      const wanted = labelsOf(name);
      expect(wanted.voxels.some((label) => label === 2)).toBe(true);
      for (const kind of ['classic', 'enhanced']) {
        const found = labelsOf(`${name}-${kind}`);
        expect(found.size).toEqual(wanted.size);
        expect(cornerDistanceMm(found, wanted)).toBeLessThan(1e-3);
        const differing = Array.from(found.voxels).filter((label, v) => label !== wanted.voxels[v]).length;
        expect(differing, `${name}-${kind}`).toBeLessThanOrEqual(name === 'straight' ? 0 : 3); // a turned scan is interpolated: positions are written with ten digits
      }
    }
  },
  120_000,
);

test.skipIf(!isSetUp || !hasPeer('highdicom'))(
  'the segmentation object beside a result of DICOM is read voxel for voxel by others, with its patient and its source images',
  () => {
    for (const name of ['straight-classic', 'straight-enhanced', 'oblique-classic', 'oblique-enhanced']) {
      const { labelled, frames, sources, ...found } = readBack(name, [
        'segmentation.dcm',
        'segmentation.nii.gz',
        'read_segmentation.py',
      ]);
      expect(found, name).toEqual({
        differing: 0,
        byHighdicom: labelled,
        structures: ['anterior', 'posterior'],
        framesWithSource: frames,
        sourceDistanceMm: expect.closeTo(0, 6),
        references: sources,
        unlikeSource: [],
      });
      expect([labelled, sources], name).toEqual([expect.any(Number), name.endsWith('classic') ? 37 : 1]);
    }
  },
  120_000,
);

test.skipIf(!isSetUp || !hasPeer('highdicom'))(
  'the parametric map beside it has the uncertainty of the NIfTI, value for value and place for place',
  () => {
    for (const name of ['straight-classic', 'straight-enhanced', 'oblique-classic', 'oblique-enhanced']) {
      const { values, largest, ...found } = readBack(name, [
        'uncertainty.dcm',
        'predictive-entropy.nii.gz',
        'read_parametric_map.py',
      ]);
      expect(found, name).toEqual({
        differing: 0,
        byHighdicom: values,
        unit: '1',
        quantity: 'Predictive entropy, nats',
        mapped: [0, expect.closeTo(Math.log(3), 6)],
        sourceDistanceMm: expect.closeTo(0, 6),
        unlikeSource: [],
      });
      expect(values, name).toBeGreaterThan(1000);
      expect(largest, name).toBeLessThanOrEqual(Math.log(3) + 1e-6);
    }
  },
  120_000,
);
