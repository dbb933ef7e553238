import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { groupSeries } from '../main/imaging/dicom/group-series.ts';
import { cornerDistanceMm } from '../main/imaging/geometry/grids.ts';
import type { Volume } from '../main/imaging/volume.ts';
import { decodeDicom } from '../main/storage/dicom/decode-dicom.ts';
import { openDicomFiles } from '../main/storage/dicom/dicom-files.ts';
import { sharedData } from './peers.ts';

const folder = sharedData === undefined ? '' : join(sharedData, 'dicom', 'slicer_CTHeadAxial');
const dicom = openDicomFiles({ decode: decodeDicom });
const context = { signal: new AbortController().signal, report() {}, async breathe() {} };

/** The volume that some of the series' files give once its gaps may be filled. */
async function volumeOf(files: readonly string[]): Promise<Volume> {
  const scan = await dicom.scan(files, context);
  const [part] = groupSeries(scan.headers, ['spacing']);
  return dicom.readPart(scan, part!);
}
const sliceOf = ({ voxels, size: [ni, nj] }: Volume, k: number) => voxels.subarray(k * ni * nj, (k + 1) * ni * nj);

describe.skipIf(!existsSync(folder))('a real CT that lacks slices', () => {
  test('keeps the slices that are there to the bit, each at its place, and gets the others from their neighbours', async () => {
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.dcm'))
      .map((name) => join(folder, name));
    const scan = await dicom.scan(files, context);
    const whole = await volumeOf(files);
    const ordered = groupSeries(scan.headers)[0]!.slices.map(({ file }) => scan.sources[file]!.path);
    const lost = [7, 40, 60, 61];
    const part = ordered.filter((_, k) => !lost.includes(k));
    const refused = groupSeries((await dicom.scan(part, context)).headers)[0]!.refusal;
    expect(refused).toMatchObject({ code: 'dicom/missing-slices', details: { count: 4 } });
    const filled = await volumeOf(part);
    expect(filled.size).toEqual(whole.size);
    expect(cornerDistanceMm(filled, whole)).toBeLessThan(1e-3);
    for (let k = 0; k < whole.size[2]; k++)
      if (!lost.includes(k)) expect(sliceOf(filled, k), `slice ${k}`).toEqual(sliceOf(whole, k));
    const between = (k: number, from: number, to: number) =>
      Int16Array.from(sliceOf(whole, from), (value, v) =>
        Math.round(value + ((k - from) / (to - from)) * (sliceOf(whole, to)[v]! - value)),
      );
    expect(sliceOf(filled, 40)).toEqual(between(40, 39, 41));
    for (const [v, value] of between(60, 59, 62).entries())
      expect(Math.abs(sliceOf(filled, 60)[v]! - value)).toBeLessThanOrEqual(1); // a half may round either way
    expect(filled.warnings).toEqual([
      '4 missing slice(s) were filled by linear interpolation between their neighbours.',
    ]);
  }, 30_000);
});
