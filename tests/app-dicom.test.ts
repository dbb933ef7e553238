import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFile } from '../main/imaging/dicom/parse-file.ts';
import { readSegmentation } from '../main/imaging/dicom/read-segmentation.ts';
import { sameGrid } from '../main/imaging/geometry/grids.ts';
import { openPorts } from '../main/storage/open-ports.ts';
import { callsOf, openWindow } from './app-window.ts';
import { madeSlice } from './made-dicom.ts';
import { noBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const home = join(folder, 'home');
let opened: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

describe.skipIf(noBrowser !== undefined || !isSetUp)(`DICOM in the app${noBrowser ? ` (${noBrowser})` : ''}`, () => {
  beforeAll(async () => {
    opened = await openWindow(home);
    page = opened.page;
  }, 60_000);
  afterAll(() => opened?.close());

  it('comes as slices that are chosen together, and its labels go back as a segmentation of the same patient', async () => {
    const slices = [0, 3, 6, 9].map((z) => {
      const pixels = Array.from({ length: 9 }, (_, row) => Array.from({ length: 7 }, (_, column) => row * column + z));
      const file = join(folder, `IM${z}`);
      writeFileSync(file, madeSlice({ instance: z + 1, position: [-4, 7, z], pixels }));
      return file;
    });
    await page.getByLabel('Files of scans').setInputFiles(slices);
    await page.getByText('1 of 1').waitFor({ timeout: 60_000 });
    const [scan] = await callsOf(page)('library/list', {});
    expect([scan!.size, scan!.dicom, scan!.name]).toEqual([[7, 9, 4], true, 'series-7']);
    const { library, scans } = openPorts(home);
    const image = await scans.readVolume(library.pathOf(scan!.id, 'image'));
    const keep = page.getByRole('button', { name: 'Labels as DICOM segmentation' });
    await page.getByRole('button', { name: 'Review series-7' }).click();
    await page.getByRole('tab', { name: 'Keep' }).click();
    expect(await keep.isDisabled()).toBe(true); // there are no labels yet
    const voxels = Uint8Array.from(image.voxels, (value) => (value % 3 === 0 ? 5 : 0));
    await library.saveLabels(scan!.id, { ...image, voxels });
    await page.reload(); // comes back to the scan
    await page.getByRole('tab', { name: 'Keep' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), keep.click()]);
    const kept = join(folder, 'kept', download.suggestedFilename());
    mkdirSync(join(folder, 'kept'));
    await download.saveAs(kept);
    const file = parseFile(readFileSync(kept), 'kept');
    expect([file.attributes.text('x00100010'), file.attributes.code('x0020000d')]).toEqual(['SECRET^PATIENT', '1.2.3']);
    const found = await readSegmentation(file, 'kept');
    expect(sameGrid(found, image)).toBe(true);
    expect(Array.from(found.voxels)).toEqual(Array.from(voxels, (label) => (label === 5 ? 1 : 0)));
    expect(opened.problems).toEqual([]);
  }, 120_000);
});
