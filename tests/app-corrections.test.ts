import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeVoxels } from '../contract/app/voxel-message.ts';
import { callsOf } from './app-window.ts';
import { noBrowser, openBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { type StartedApp, startApp } from './start-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Every way of correcting, by mouse and by key, on a demo scan without labels. */
const home = temporaryFolder();
const timeout = 300_000;
const name = 'hippocampus_052';
let app: StartedApp;
let browser: Browser;
let page: Page;
let id: string;
const problems: string[] = [];

async function open(): Promise<void> {
  page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(app.address);
}
async function review(): Promise<void> {
  await page.getByRole('button', { name: `Review ${name}` }).click();
  await page.locator('[data-plane=coronal] canvas').first().waitFor({ timeout: 60_000 });
  await page.waitForTimeout(3000);
  await page.getByRole('tab', { name: 'Correct' }).click();
}
const press = async (...keys: readonly string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
async function stroke(): Promise<void> {
  const box = (await page.locator('[data-plane=axial]').boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x - 6, y);
  await page.mouse.down();
  await page.mouse.move(x + 6, y, { steps: 4 });
  await page.mouse.move(x + 14, y + 4, { steps: 2 });
  await page.mouse.up();
}
/** What is on disk when everything is. */
async function labels(): Promise<Uint8Array> {
  await page.waitForTimeout(250);
  await page.locator('.save', { hasText: /^Saved$/ }).waitFor({ timeout: 20_000 });
  const bytes = await page.evaluate(
    async (scan) => Array.from(new Uint8Array(await (await fetch(`/volume/${scan}/labels`)).arrayBuffer())),
    id,
  );
  return decodeVoxels(Uint8Array.from(bytes).buffer).voxels as Uint8Array; // the app saves labels as bytes
}
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const count = (values: Uint8Array, label: number) => values.filter((one) => one === label).length;

describe.skipIf(noBrowser !== undefined || !isSetUp)('corrections in the app', () => {
  let start: Uint8Array;

  beforeAll(async () => {
    browser = await openBrowser();
    app = await startApp(home);
    await open();
    await page.getByRole('button', { name: 'Try with the demo scans' }).click();
    await page.getByText('13 of 13').waitFor({ timeout: 60_000 });
    id = (await callsOf(page)('library/list', {})).find((scan) => scan.name === name)!.id;
    await review();
    await press(']', ']', ']', ']', ']', ']', 's', '1', 'Space'); // a ball of the first structure, 9 mm around the middle
    start = await labels();
    await page.getByLabel('Name of a new structure').fill('second');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('radio', { name: 'second' }).waitFor();
    await press('1', '[', '[', '[', '[', '[', '[');
  }, timeout);
  afterAll(async () => {
    await browser?.close();
    await app?.end();
  });

  it(
    'each tool acts by mouse and by key, and undo brings equal bytes back',
    async () => {
      for (const [key, result] of [
        ['b', 2],
        ['s', 2],
        ['t', 2],
        ['x', 2],
        ['e', 0],
        ['Shift+E', 0],
        ['Shift+X', 0],
      ] as const) {
        await press(key);
        for (const act of [stroke, () => press('1', 'Space')]) {
          await act();
          const after = await labels();
          expect(count(after, result), `${key}: ${act === stroke ? 'mouse' : 'key'}`).toBeGreaterThan(
            count(start, result),
          );
          await press('Control+z');
          expect(same(await labels(), start), `${key}: undone`).toBe(true);
        }
      }
    },
    timeout,
  );

  it(
    'an outline fills and cuts what it goes around: dragged, clicked corner by corner, and by key alone',
    async () => {
      const corners = [
        [-40, -40],
        [40, -40],
        [40, 40],
        [-40, 40],
      ] as const;
      const middle = async () => {
        const box = (await page.locator('[data-plane=axial]').boundingBox())!;
        return [box.x + box.width / 2, box.y + box.height / 2] as const;
      };
      const drag = async () => {
        const [x, y] = await middle();
        await page.mouse.move(x - 40, y - 40);
        await page.mouse.down();
        for (const [right, down] of [...corners, corners[0]]) await page.mouse.move(x + right, y + down, { steps: 5 });
        await page.mouse.up();
      };
      const click = async () => {
        const [x, y] = await middle();
        for (const [right, down] of corners) await page.mouse.click(x + right, y + down);
        await press('u');
      };
      const keys = async () => {
        await press('1', 'Space', ...Array<string>(5).fill('ArrowRight'), 'Space');
        await press(
          ...Array<string>(5).fill('ArrowDown'),
          'Space',
          ...Array<string>(5).fill('ArrowLeft'),
          'Space',
          'u',
        );
        await press(...Array<string>(5).fill('ArrowUp'));
      };
      for (const [key, result] of [
        ['o', 2],
        ['Shift+O', 0],
      ] as const)
        for (const act of [drag, click, keys]) {
          await press(key);
          await act();
          const after = await labels();
          expect(count(after, result), `${key}, ${act.name}`).toBeGreaterThan(count(start, result) + 8);
          await press('Control+z');
          expect(same(await labels(), start), `${key}, ${act.name}: undone`).toBe(true);
        }
      await press('o', '1', 'Space', 'ArrowRight', 'Space', 'u');
      await page.getByText('three corners at least').waitFor();
      expect(same(await labels(), start)).toBe(true);
      await press('ArrowLeft', 'b');
    },
    timeout,
  );

  it(
    'three distances are the diameters of an ellipsoid',
    async () => {
      await press('d');
      const box = (await page.locator('[data-plane=axial]').boundingBox())!;
      for (const down of [-60, 60, 90]) {
        await page.mouse.move(box.x + box.width / 2 - 40, box.y + box.height / 2 + down);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height / 2 + down, { steps: 5 });
        await page.mouse.up();
      }
      await page.waitForTimeout(300); // the text beside a line is drawn with the next frame
      const text = await page.locator('dt', { hasText: 'Ellipsoid of 3' }).locator('+ dd').textContent();
      const shown = await page.locator('[data-plane=axial] svg text').allTextContents();
      const lengths = [...shown.join(' ').matchAll(/([\d.]+) mm/g)].map((match) => Number(match[1]));
      expect(lengths).toHaveLength(3);
      const ml = ((Math.PI / 6) * lengths.reduce((product, mm) => product * mm, 1)) / 1000;
      expect(Math.abs(Number.parseFloat(text!) - ml)).toBeLessThan(0.01 * ml + 0.01);
      await page.getByRole('button', { name: 'Clear distances' }).click();
      await page.locator('dt', { hasText: 'Ellipsoid of 3' }).waitFor({ state: 'detached' });
      await press('b');
    },
    timeout,
  );

  it(
    'whole-structure corrections act by key, and a locked structure keeps every voxel',
    async () => {
      const wider = Array<string>(9).fill(']');
      await press(...wider, 'b', '1', 'Space', 'ArrowDown', ...Array<string>(7).fill('PageUp'), 'Space'); // two discs, wider than the ball
      const discs = await labels();
      await press('f');
      const filled = await labels();
      expect(count(filled, 2)).toBeGreaterThan(count(discs, 2));
      await press('Control+z', 'm');
      expect(same(await labels(), discs)).toBe(false);
      await press('Control+z', 'Shift+I'); // the crosshair is on the second disc
      const removed = await labels();
      expect(count(removed, 2)).toBeLessThan(count(discs, 2));
      expect(count(removed, 2)).toBeGreaterThan(0);
      await press('Control+z', 'i');
      expect(count(await labels(), 2)).toBeLessThan(count(discs, 2));
      await press('Control+z', 'g');
      expect(count(await labels(), 2)).toBeGreaterThan(count(discs, 2));
      await press('Control+z', 'Control+z', 'Control+z');
      expect(same(await labels(), start)).toBe(true);
      await press(...wider.map(() => '['), 'q', 'l', 'q', 'b'); // the first structure locked, the second chosen
      await page.getByRole('button', { name: 'Fit' }).click();
      await stroke();
      await press('1', 'Space');
      expect(count(await labels(), 1)).toBe(count(start, 1));
      await press('q', 'l', 'q');
      for (let n = 0; n < 4 && !same(await labels(), start); n++) await press('Control+z');
      expect(same(await labels(), start)).toBe(true);
    },
    timeout,
  );

  it(
    'a hundred steps, mouse and key and both erasers among them, go back and forth to equal bytes',
    async () => {
      await page.getByRole('radio').first().check(); // each step paints over the structure of the one before
      await press('b', '1');
      const states = [await labels()];
      for (let step = 1; step <= 100; step++) {
        if (step % 10 === 0) {
          await press(step % 20 === 0 ? 'b' : 'e');
          await stroke();
        } else await press('b', 'q', '1', 'Space'); // the other structure over the one before
        if (step === 50 || step === 100) states.push(await labels());
      }
      const [first, half, last] = states as [Uint8Array, Uint8Array, Uint8Array];
      expect(same(first, half) || same(half, last)).toBe(false);
      const times = async (key: string) => {
        for (let n = 0; n < 50; n++) await press(key);
        return labels();
      };
      expect(same(await times('Control+z'), half), 'fifty back').toBe(true);
      expect(same(await times('Control+z'), first), 'a hundred back').toBe(true);
      expect(same(await times('Control+y'), half), 'fifty forth').toBe(true);
      expect(same(await times('Control+y'), last), 'a hundred forth').toBe(true);
    },
    timeout,
  );

  it(
    'measures the island at the crosshair as its voxels are counted',
    async () => {
      await press('s', '1', 'Space', 'v');
      const text = (await page.locator('dt', { hasText: 'Island of' }).locator('+ dd').textContent())!;
      const [island, all] = [...text.matchAll(/[\d.]+/g)].map(Number);
      const values = await labels();
      const volumes = [1, 2].map((label) => count(values, label) / 1000); // ml: these scans have voxels of 1 mm
      expect(Math.min(...volumes.map((ml) => Math.abs(ml - all!)))).toBeLessThan(0.0051); // two decimals are shown
      expect(island!).toBeGreaterThan(0);
      expect(island!).toBeLessThanOrEqual(all!);
    },
    timeout,
  );

  it(
    'keys are changed, refused where they are taken, and stay after a restart',
    async () => {
      await page.getByRole('button', { name: 'Keys', exact: true }).click();
      await page.getByRole('button', { name: /^Key of brush:/ }).click();
      await press('e');
      await page.getByText('E is taken by “eraser”').waitFor();
      await press('j');
      await page.getByRole('button', { name: 'Key of brush: J' }).waitFor();
      await page.close();
      await app.end();
      app = await startApp(home);
      await open();
      await review();
      const brush = page.getByRole('button', { name: /^Brush \(/ });
      await press('b');
      expect(await brush.getAttribute('aria-pressed')).toBe('false');
      await press('j');
      expect(await brush.getAttribute('aria-pressed')).toBe('true');
      await page.getByRole('button', { name: 'Keys', exact: true }).click();
      await page.getByRole('button', { name: 'Reset all' }).click();
      await page.getByRole('button', { name: 'Key of brush: B' }).waitFor();
    },
    timeout,
  );

  it('threw nothing', () => expect(problems).toEqual([]));
});
