import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOf } from './app-window.ts';
import { noBrowser, openBrowser } from './open-browser.ts';
import { hasPeer, python } from './peers.ts';
import { type StartedApp, startApp } from './start-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Plane = 'axial' | 'sagittal' | 'coronal';
const folder = temporaryFolder();
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const run = (name: string, ...args: string[]) => execFileSync(python!, [script(name), ...args], { encoding: 'utf8' });
const isAble = noBrowser === undefined && hasPeer('nibabel') && hasPeer('pydicom');

let app: StartedApp;
let browser: Browser;
let page: Page;
let marks: Readonly<Record<Plane, readonly [number, number, number]>>;
const middle = [12, -20, 31] as const;

/** Looks for the bright mark in a plane with the pointer; its middle, as shares of the plane's width and height. */
async function findMark(plane: Plane): Promise<readonly [number, number]> {
  const around = ([x, y]: readonly [number, number], reach: number, step: number) =>
    Array.from(
      { length: (2 * reach + 1) ** 2 },
      (_, n) =>
        [x + ((n % (2 * reach + 1)) - reach) * step, y + (Math.floor(n / (2 * reach + 1)) - reach) * step] as const,
    );
  const [first] = await marked(plane, around([0.5, 0.5], 9, 0.05));
  expect(first, `the mark of the ${plane} plane is seen`).toBeDefined();
  const found = await marked(plane, around(first!, 5, 0.018));
  const mean = (axis: 0 | 1) => found.reduce((sum, one) => sum + one[axis], 0) / found.length;
  return [mean(0), mean(1)];
}

/** The places of a plane at which the page shows the mark's value for the pointer. */
const marked = (plane: Plane, places: readonly (readonly [number, number])[]) =>
  page.locator(`[data-plane=${plane}]`).evaluate(async (pane, places) => {
    const { left, top, width, height } = pane.getBoundingClientRect();
    const page = pane.ownerDocument;
    const found: (readonly [number, number])[] = [];
    for (const [x, y] of places) {
      const at = { clientX: left + width * x, clientY: top + height * y, bubbles: true };
      pane.dispatchEvent(new page.defaultView!.MouseEvent('mousemove', at));
      await new Promise((resolve) => setTimeout(resolve));
      const name = [...page.querySelectorAll('dt')].find((one: { textContent: string }) => one.textContent === 'Value');
      if (name?.nextElementSibling?.textContent === '1000') found.push([x, y]);
    }
    return found;
  }, places);

/** Which side of a plane R, A and S are on: [axis, direction on the screen] for left-right and up-down. */
const sides = {
  axial: [
    [0, -1],
    [1, -1],
  ],
  sagittal: [
    [1, -1],
    [2, -1],
  ],
  coronal: [
    [0, -1],
    [2, -1],
  ],
} as const;

async function paintMarks(name: string): Promise<void> {
  const { id } = (await callsOf(page)('library/list', {})).find((scan) => scan.name === name)!;
  await page.getByRole('navigation').getByRole('button', { name: 'Library' }).click();
  await page.getByRole('button', { name: `Review ${name}` }).click();
  await page.waitForTimeout(4000);
  for (const plane of ['axial', 'sagittal', 'coronal'] as const) {
    await page.getByRole('button', { name: 'Fit' }).click();
    await page.waitForTimeout(500);
    const [x, y] = await findMark(plane);
    const [[across, toRight], [along, down]] = sides[plane];
    const offset = marks[plane].map((part, n) => part - middle[n]!);
    if (offset[across] !== 0)
      expect(Math.sign(x - 0.5), `${plane}: left-right as its letters say`).toBe(Math.sign(offset[across]!) * toRight);
    if (offset[along] !== 0)
      expect(Math.sign(y - 0.5), `${plane}: up-down as its letters say`).toBe(Math.sign(offset[along]!) * down);
    await page.getByRole('tab', { name: 'Correct' }).click();
    await page.keyboard.press('b');
    const box = (await page.locator(`[data-plane=${plane}]`).boundingBox())!;
    await page.mouse.move(box.x + box.width * x, box.y + box.height * y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * x + 1, box.y + box.height * y);
    await page.mouse.up();
    await page.locator('.save', { hasText: 'Not saved yet' }).waitFor({ timeout: 5000 });
    await page.locator('.save', { hasText: /^Saved$/ }).waitFor({ timeout: 10_000 });
    const labels = join(folder, 'home', 'library', id, 'labels.nii.gz');
    const read = JSON.parse(run('orientation_marks.py', 'read', labels)) as { count: number; middle: number[] };
    expect(read.count).toBeGreaterThan(3);
    for (const [n, part] of read.middle.entries())
      expect(Math.abs(part - marks[plane][n]!), `${plane} of ${name}: mm along axis ${n}`).toBeLessThan(1.6);
    await page.keyboard.press('Control+z');
    await page.waitForTimeout(300);
    await page.locator('.save', { hasText: /^Saved$/ }).waitFor({ timeout: 10_000 });
    await page.keyboard.press('c');
  }
}

describe.skipIf(!isAble)('what is drawn lies where it was drawn, read by nibabel', () => {
  beforeAll(async () => {
    run('orientation_marks.py', 'write', join(folder, 'scans'));
    marks = JSON.parse(readFileSync(join(folder, 'scans', 'marks.json'), 'utf8')) as typeof marks;
    mkdirSync(join(folder, 'dicom'));
    run('write_dicom.py', join(folder, 'scans', 'oblique.nii.gz'), join(folder, 'dicom'));
    cpSync(join(folder, 'dicom', 'straight-classic'), join(folder, 'dicom-scan'), { recursive: true });
    app = await startApp(join(folder, 'home'));
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(app.address);
    for (const path of ['scans/left-handed.nii.gz', 'scans/oblique.nii.gz', 'dicom-scan'])
      await callsOf(page)('library/add', { paths: [join(folder, path)] });
    await page.getByText('3 of 3').waitFor({ timeout: 60_000 });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await app?.end();
  });

  for (const name of ['left-handed', 'oblique', 'dicom-scan'])
    it(`${name}: each mark at its millimetre, and on the side of its letter`, () => paintMarks(name), 240_000);
});
