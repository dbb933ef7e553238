import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOf, openWindow } from './app-window.ts';
import { dicomFile, element, pixelElement, short, text } from './made-dicom.ts';
import { noBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = temporaryFolder();
const [columns, rows, frames] = [60, 40, 3] as const;
/** Three frames of ultrasound through a palette: the left third red, the middle green, the right blue, each frame brighter than the last. */
const ultrasound = (): Uint8Array => {
  const entry = (frame: number, third: number) => 1 + 3 * frame + third;
  const pixels = Array.from({ length: frames * rows * columns }, (_, n) =>
    entry(Math.floor(n / (rows * columns)), Math.floor(((n % columns) / columns) * 3)),
  );
  const table = (colour: number) =>
    [0, ...Array.from({ length: 9 }, (_, n) => (n % 3 === colour ? 85 * (Math.floor(n / 3) + 1) : 0)), 0, 0].slice(
      0,
      10,
    );
  return dicomFile(
    element(8, 0x16, 'UI', text('1.2.840.10008.5.1.4.1.1.3.1')),
    element(8, 0x18, 'UI', text('1.2.3.99.1')),
    element(8, 0x60, 'CS', text('US')),
    element(0x20, 0x0d, 'UI', text('1.2.3.9')),
    element(0x20, 0x0e, 'UI', text('1.2.3.9.4')),
    element(0x28, 2, 'US', short(1)),
    element(0x28, 4, 'CS', text('PALETTE COLOR')),
    element(0x28, 8, 'IS', text(String(frames))),
    element(0x28, 0x10, 'US', short(rows)),
    element(0x28, 0x11, 'US', short(columns)),
    element(0x28, 0x100, 'US', short(8)),
    ...[0, 1, 2].map((n) => element(0x28, 0x1101 + n, 'US', [...short(10), ...short(0), ...short(8)])),
    ...[0, 1, 2].map((n) => [...short(0x28), ...short(0x1201 + n), 0x4f, 0x57, 0, 0, 10, 0, 0, 0, ...table(n)]),
    pixelElement(pixels),
  );
};

let opened: Awaited<ReturnType<typeof openWindow>>;
let page: Page;

/** The colour that is on the screen in the middle of a third of the picture. */
const colourAt = (third: number) =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.place canvas');
    const { data } = canvas.getContext('2d').getImageData((canvas.width * ${third + 0.5}) / 3, canvas.height / 2, 1, 1);
    return [...data];
  })()`);
/** The colour of the left third of the thumbnail. */
const thumbnailColour = () =>
  page.evaluate(`(async () => {
    const image = document.querySelector('img.thumb');
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return [...context.getImageData(canvas.width / 6, canvas.height / 2, 1, 1).data];
  })()`);
describe.skipIf(noBrowser !== undefined || !isSetUp)(
  `pictures in colour in the app${noBrowser ? ` (${noBrowser})` : ''}`,
  () => {
    beforeAll(async () => {
      opened = await openWindow(join(root, 'home'));
      page = opened.page;
    }, 60_000);
    afterAll(() => opened?.close());

    it('are in the library with their colours, are looked at one by one, and say why they are not segmented', async () => {
      const file = join(root, 'echo.dcm');
      writeFileSync(file, ultrasound());
      await page.getByLabel('Files of scans').setInputFiles(file);
      const entry = page.getByRole('button', { name: 'Review echo' });
      await entry.waitFor({ timeout: 60_000 });
      expect(await entry.textContent()).toContain('3 pictures in colour of 60 × 40 pixels');
      await entry.locator('img').waitFor();
      expect(await thumbnailColour()).toEqual([170, 0, 0, 255]);
      const library = join(root, 'home', 'library');
      const [id] = readdirSync(library).filter((name) => /^[0-9a-f]{12}$/.test(name));
      rmSync(join(library, id!, 'thumbnail.png')); // as an older version left it
      await page.reload();
      await entry.locator('img').waitFor();
      expect(await thumbnailColour()).toEqual([170, 0, 0, 255]);
      await entry.click();
      await page.getByText('2 of 3').waitFor();
      expect([await colourAt(0), await colourAt(1), await colourAt(2)]).toEqual([
        [170, 0, 0, 255],
        [0, 170, 0, 255],
        [0, 0, 170, 255],
      ]);
      await page.keyboard.press('ArrowRight');
      await page.getByText('3 of 3').waitFor();
      await expect.poll(() => colourAt(1)).toEqual([0, 255, 0, 255]);
      await page.mouse.move(300, 400);
      expect(await page.getByText('no model segments it').isVisible()).toBe(true);
      expect(await page.getByRole('button', { name: 'Segment' }).count()).toBe(0);
      const call = callsOf(page);
      const [known] = await call('library/list', {});
      await expect(
        call('segment/start', { scan: known!.id, model: 'hippocampus-demo', version: 1, samples: 1 }),
      ).rejects.toMatchObject({
        code: 'library/pictures',
      });
      if (process.env['FEWSCAN_PICTURES'])
        await page.screenshot({ path: join(process.env['FEWSCAN_PICTURES'], 'app-pictures.png') });
      expect(opened.problems).toEqual([]);
    }, 120_000);
  },
);
