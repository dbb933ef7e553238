import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { groupSeries } from '../main/imaging/dicom/group-series.ts';
import { decodeDicom } from '../main/storage/dicom/decode-dicom.ts';
import { openDicomFiles } from '../main/storage/dicom/dicom-files.ts';
import { hasPeer, python, sharedData } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = temporaryFolder();
const folder = sharedData === undefined ? '' : join(sharedData, 'dicom');
const dicom = openDicomFiles({ decode: decodeDicom });
const context = { signal: new AbortController().signal, report() {}, async breathe() {} };

/** Every file of the set whose pixels are in colour, and our planes of it, picture by picture. */
async function colourFiles(): Promise<readonly { readonly file: string; readonly planes: string }[]> {
  const found = [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  for (const file of files.filter((one) => statSync(one).isFile())) {
    const scan = await dicom.scan([file], context);
    const part = groupSeries(scan.headers).find(({ pictures }) => pictures !== undefined);
    if (!part) continue;
    const { voxels, size, components, pictures } = await dicom.readPart(scan, part);
    expect([components, pictures !== undefined], file).toEqual([3, true]);
    const [ni, nj, nk] = size;
    const byPicture = new Uint8Array(voxels.length);
    for (let k = 0; k < nk; k++)
      for (let c = 0; c < 3; c++)
        byPicture.set(voxels.subarray((c * nk + k) * ni * nj, (c * nk + k + 1) * ni * nj), (k * 3 + c) * ni * nj);
    const planes = join(root, `planes-${found.length}`);
    writeFileSync(planes, byPicture);
    found.push({ file, planes });
  }
  return found;
}

describe.skipIf(!existsSync(folder) || !hasPeer('SimpleITK') || !hasPeer('pydicom'))('pictures in colour', () => {
  test('have the colours that independent readers see', async () => {
    const entries = await colourFiles();
    const list = join(root, 'list.json');
    writeFileSync(list, JSON.stringify(entries));
    const script = fileURLToPath(new URL('dicom_pictures.py', import.meta.url));
    const { status, stdout, stderr } = spawnSync(python!, [script, list], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const judged = JSON.parse(stdout) as readonly { readonly file: string; readonly most?: number }[];
    expect(judged.length).toBe(43);
    expect(judged.filter(({ most }) => !(most !== undefined && most <= 1))).toEqual([]); // transforms round differently
  }, 120_000);
});
