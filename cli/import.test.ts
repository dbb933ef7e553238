import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { type ImportResult, importResultSchema } from '../contract/import-result.ts';
import { decodeImage } from '../main/imaging/decode-image.ts';
import { transformPoint } from '../main/imaging/geometry/affine.ts';
import { madeSlice } from '../tests/made-dicom.ts';
import { isSetUp, runFewscan } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const home = join(root, 'home');
const heights = [9, 0, 6, 3];
const slices = heights.map((z, n) =>
  madeSlice({
    instance: n + 1,
    position: [10, 20, z],
    pixels: [
      [z, 100, 0],
      [1, 2, 3],
    ],
  }),
);

function folderOf(name: string, files: Readonly<Record<string, Uint8Array>>): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  return folder;
}
const named = (chosen: readonly Uint8Array[]) => Object.fromEntries(chosen.map((bytes, n) => [`IM${n}`, bytes]));

async function importing(
  ...args: readonly string[]
): Promise<{ readonly status: number | null; readonly result: ImportResult }> {
  const { status, stdout } = await runFewscan(['import', ...args, '--json'], home);
  return { status, result: status === 0 ? importResultSchema.parse(JSON.parse(stdout)) : JSON.parse(stdout) };
}

describe.skipIf(!isSetUp)('fewscan import', () => {
  test('lists the series of folders and zips, counts what is no DICOM, and leaves copies out', async () => {
    const folder = folderOf('study', {
      ...named(slices),
      copy: slices[0]!,
      'notes.txt': new TextEncoder().encode('hello'),
    });
    const zip = join(root, 'study.zip');
    writeFileSync(zip, zipSync({ deep: named(slices) }));
    const disc = folderOf('disc', { DICOMDIR: new TextEncoder().encode('a directory that nobody reads') });
    folderOf('disc/IMAGES', named(slices));
    for (const [input, others, notes] of [
      [folder, 1, 1],
      [zip, 0, 0],
      [join(disc, 'DICOMDIR'), 1, 0],
    ] as const) {
      const { status, result } = await importing(input);
      expect(status).toBe(0);
      expect(result.otherFiles).toBe(others);
      const [series] = result.studies[0]!.series;
      expect(series).toMatchObject({ seriesInstanceUid: '1.2.3.4', kind: 'MR image', files: 4, parts: 1 });
      expect(series!.volume).toMatchObject({ size: [3, 2, 4], spacingMm: [2, 2, 3] });
      expect(series!.notes.length).toBe(notes);
    }
  }, 60_000);

  test('converts a series: rescaled, in RAS+, with a side-car; no patient text in it or in any log', async () => {
    const out = join(root, 'converted', 'scan.nii.gz');
    const { status, result } = await importing(folderOf('study', named(slices)), '--series', '1.2.3.4', '--out', out);
    expect(status).toBe(0);
    expect(result.written!.file).toBe(out);
    const { voxels, affineRasMm } = decodeImage(readFileSync(out));
    const at = (i: number, j: number, k: number) => voxels[i + 3 * (j + 2 * k)];
    expect([at(0, 0, 0), at(0, 0, 3), at(1, 0, 1), at(2, 1, 2)]).toEqual([0, 18, 200, 6]);
    expect(transformPoint(affineRasMm, [0, 0, 3])).toEqual([-10, -20, 9]);
    const sideCar = readFileSync(join(root, 'converted', 'scan.json'), 'utf8');
    expect(JSON.parse(sideCar)).toMatchObject({ Modality: 'MR', SeriesInstanceUID: '1.2.3.4', SourceFiles: 4 });
    for (const file of readdirSync(join(home, 'logs')))
      expect(readFileSync(join(home, 'logs', file), 'utf8')).not.toContain('SECRET');
    expect(sideCar).not.toContain('SECRET');
  }, 60_000);

  test('asks which series is meant where a file is wanted and none is named', async () => {
    const out = join(root, 'unnamed.nii.gz');
    const { status, result } = await importing(folderOf('unnamed', named(slices)), '--out', out);
    expect(status).not.toBe(0);
    expect(JSON.stringify(result)).toContain('1.2.3.4');
    expect(readdirSync(root)).not.toContain('unnamed.nii.gz');
  });

  test('refuses gaps and damaged pixels with what to do, and writes nothing', async () => {
    const gap = [0, 3, 6, 12].map((z, n) => madeSlice({ instance: n + 1, position: [0, 0, z], pixels: [[1, 2]] }));
    const listed = await importing(folderOf('gap', named(gap)));
    expect(listed.result.studies[0]!.series[0]!.refusal).toMatchObject({ code: 'dicom/missing-slices' });
    const cut = [...slices.slice(1), slices[0]!.subarray(0, slices[0]!.length - 4)];
    for (const [name, files] of [
      ['gap', gap],
      ['cut', cut],
    ] as const) {
      const out = join(root, `${name}.nii.gz`);
      const { status, stderr } = await runFewscan(
        ['import', folderOf(name, named(files)), '--series', '1.2.3.4', '--out', out],
        home,
      );
      expect([status, stderr.length > 20], name).toEqual([2, true]);
      expect(readdirSync(root)).not.toContain(`${name}.nii.gz`);
    }
    const filled = join(root, 'filled.nii.gz');
    const agreed = await importing(join(root, 'gap'), '--series', '1.2.3.4', '--correct', 'spacing', '--out', filled);
    expect(agreed.result.written!.warnings.length).toBe(1);
    expect(decodeImage(readFileSync(filled)).size).toEqual([2, 1, 5]);
  }, 60_000);
});
