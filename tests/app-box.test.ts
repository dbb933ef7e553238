import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from '../main/imaging/decode-image.ts';
import { extractBlock } from '../main/imaging/geometry/block.ts';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import { openPorts } from '../main/storage/open-ports.ts';
import { callsOf, openWindow } from './app-window.ts';
import { noBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const home = join(folder, 'home');
const demo = (part: string) =>
  decodeImage(readFileSync(fileURLToPath(new URL(`../resources/demo/${part}`, import.meta.url))), undefined, part);
let opened: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

describe.skipIf(noBrowser !== undefined || !isSetUp)(
  `a scan that is larger than what a model was trained on${noBrowser ? ` (${noBrowser})` : ''}`,
  () => {
    beforeAll(async () => {
      opened = await openWindow(home);
      page = opened.page;
    }, 60_000);
    afterAll(() => opened?.close());

    it('is segmented around the crosshair, and there as the small one is', async () => {
      const small = demo('imagesTs/hippocampus_040.nii.gz');
      const border = 45;
      const large = extractBlock(small, {
        start: [-border, -border, -border],
        size: [small.size[0] + 2 * border, small.size[1] + 2 * border, small.size[2] + 2 * border],
      });
      const file = join(folder, 'large.nii');
      writeFileSync(file, encodeNifti(large));
      await page.getByLabel('Files of scans').setInputFiles(file);
      await page.getByRole('button', { name: 'Review large' }).click({ timeout: 60_000 });
      await page.getByText('Only around the crosshair').waitFor();
      await page.getByLabel('Posterior samples').fill('3');
      await page.getByRole('button', { name: 'Segment', exact: true }).last().click();
      await page.getByText(/By hippocampus-demo@\d+, 3 samples/).waitFor({ timeout: 120_000 });
      const [scan] = await callsOf(page)('library/list', {});
      const { library, scans } = openPorts(home);
      const found = await scans.readVolume(
        library.pathOf(scan!.id, { result: scan!.results[0]!.id, map: 'segmentation' }),
      );
      expect(found.size).toEqual(large.size);
      const inner = extractBlock(found, { start: [border, border, border], size: small.size });
      const count = (voxels: ArrayLike<number>) => Array.from(voxels).filter((label) => label > 0).length;
      expect(count(inner.voxels)).toBe(count(found.voxels));
      const truth = demo('labelsTs/hippocampus_040.nii.gz');
      const both = Array.from(inner.voxels).filter((label, v) => label > 0 && truth.voxels[v]! > 0).length;
      expect((2 * both) / (count(inner.voxels) + count(truth.voxels))).toBeGreaterThan(0.75);
      expect(opened.problems).toEqual([]);
    }, 180_000);
  },
);
