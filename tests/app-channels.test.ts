import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import { coloured, expectAccessible, openWindow } from './app-window.ts';
import { madeScan, otherContrast } from './made-scans.ts';
import { noBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
let opened: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

describe.skipIf(noBrowser !== undefined || !isSetUp)(
  `several images of a patient in the app${noBrowser ? ` (${noBrowser})` : ''}`,
  () => {
    beforeAll(async () => {
      opened = await openWindow(join(folder, 'home'));
      page = opened.page;
    }, 60_000);
    afterAll(() => opened?.close());

    it('are joined in the library, and each is on the screen when it is asked for', async () => {
      const { image } = madeScan(0);
      const files = [
        ['t1', image],
        ['flair', otherContrast(image)],
      ] as const;
      for (const [name, volume] of files) writeFileSync(join(folder, `${name}.nii`), encodeNifti(volume));
      await page.getByLabel('Files of scans').setInputFiles(files.map(([name]) => join(folder, `${name}.nii`)));
      await page.getByText('2 of 2').waitFor({ timeout: 60_000 });
      await page.getByRole('button', { name: 'Join t1' }).click();
      await page.getByLabel('Sequence of t1').fill('T1');
      await page.getByRole('checkbox', { name: 'flair' }).check();
      expect(await page.getByRole('button', { name: 'Join 2 images' }).isDisabled()).toBe(true); // what is the second one?
      await page.getByLabel('Sequence of flair').fill('FLAIR');
      await page.getByLabel('Name of the scan').fill('both');
      await expectAccessible(page);
      if (process.env['FEWSCAN_PICTURES'])
        await page.screenshot({ path: join(process.env['FEWSCAN_PICTURES'], 'app-join.png') });
      await page.getByRole('button', { name: 'Join 2 images' }).click();
      await page.getByText('3 of 3').waitFor({ timeout: 60_000 });
      const entry = page.getByRole('button', { name: 'Review both' });
      expect(await entry.textContent()).toContain('T1, FLAIR');
      await entry.click();
      const plane = page.locator('[data-plane=axial]');
      await plane.locator('canvas').first().waitFor();
      await page.waitForTimeout(2000);
      const box = (await plane.boundingBox())!;
      /** What the bar says of the pointer's place. */
      const value = async () => {
        await page.mouse.move(box.x + box.width / 2 + 9, box.y + box.height / 2 + 9);
        await page.mouse.move(box.x + box.width / 2 + 10, box.y + box.height / 2 + 10);
        return Number.parseFloat((await page.locator('dt', { hasText: 'Value' }).locator('+ dd').textContent())!);
      };
      const show = async (name: string) => {
        await page.getByLabel('Image on the screen').selectOption({ label: name });
        await page.waitForTimeout(500);
      };
      const t1 = await value();
      const picture = await plane.screenshot();
      await show('FLAIR');
      expect(await value()).toBeCloseTo(300 - t1, 0);
      expect(Buffer.compare(await plane.screenshot(), picture)).not.toBe(0); // another picture, not only another number
      await show('T1');
      expect(await value()).toBe(t1);
      expect(await coloured(plane)).toBeGreaterThan(0); // its crosshair
      expect(opened.problems).toEqual([]);
    }, 120_000);
  },
);
