import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, openBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { type StartedApp, startApp } from './start-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The whole way of a person through the app, on the shipped demo scans, with no prepared result. */
const home = temporaryFolder();
const pictures = process.env['FEWSCAN_PICTURES'];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const timeout = 300_000;

let app: StartedApp;
let browser: Browser;
let page: Page;
const problems: string[] = [];
const outside: string[] = [];

async function open(): Promise<void> {
  app = await startApp(home);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && hostname !== '127.0.0.1') outside.push(request.url());
  });
  await page.goto(app.address);
}
async function look(name: string): Promise<void> {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `app-${name}.png`) });
}
async function accessible(): Promise<void> {
  const violations = await page.evaluate(
    `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`,
  );
  expect(violations).toEqual([]);
}
const button = (name: string | RegExp) => page.getByRole('button', { name });
const tab = (name: string) => page.getByRole('tab', { name }).click();
const goTo = (name: string) => page.getByRole('navigation').getByRole('button', { name }).click();
const saved = () => page.locator('.save', { hasText: /^Saved$/ }).waitFor({ timeout: 10_000 });
const labelsOf = (id: string) =>
  page.evaluate(async (scan) => {
    const bytes = new Uint8Array(await (await fetch(`/volume/${scan}/labels`)).arrayBuffer());
    const digest = await crypto.subtle.digest('SHA-256', bytes);
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }, id);
async function scanId(name: string): Promise<string> {
  const answer = await page.evaluate(async () =>
    (await fetch('/call/library/list', { method: 'POST', body: '{}' })).json(),
  );
  return (answer as { output: { id: string; name: string }[] }).output.find((scan) => scan.name === name)!.id;
}
async function paint(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const box = (await page.locator('[data-plane=axial]').boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 6 });
  await page.mouse.up();
}

describe.skipIf(noBrowser !== undefined || !isSetUp)(
  `the app in a browser${noBrowser ? ` (${noBrowser})` : ''}`,
  () => {
    beforeAll(async () => {
      browser = await openBrowser();
      await open();
    }, timeout);
    afterAll(async () => {
      await browser?.close();
      await app?.end();
    });

    it(
      'starts empty, explains itself, and takes the demo scans in',
      async () => {
        await page.getByText('No scans yet').waitFor();
        await accessible();
        await look('first-start');
        await button('Try with the demo scans').click();
        await page.getByText('13 of 13').waitFor({ timeout: 30_000 });
        await page.getByRole('searchbox').fill('hippocampus_052');
        await page.getByText('1 of 13').waitFor();
        await page.getByRole('searchbox').fill('');
        await page.waitForTimeout(1000);
        await accessible();
        await look('library');
      },
      timeout,
    );

    it(
      'shows a scan, forecasts and segments it, and shows what the model doubts',
      async () => {
        await button('Review hippocampus_052').click();
        await page.locator('[data-plane=coronal] canvas').first().waitFor({ timeout: 30_000 });
        await button('Forecast').click();
        await page.getByText('GiB of memory').waitFor({ timeout: 60_000 });
        await page
          .getByRole('tabpanel')
          .or(page.locator('aside'))
          .getByRole('button', { name: 'Segment', exact: true })
          .click();
        await button('Next uncertain place (N)').waitFor({ timeout: 120_000 });
        await page.waitForTimeout(2000);
        await page.keyboard.press('n');
        await page.getByText(/^1 of \d+, [\d.]+ nats$/).waitFor();
        await page.getByLabel('Map').selectOption({ label: 'All doubt (entropy)' });
        await page.waitForTimeout(3000);
        await accessible();
        await look('judge');
      },
      timeout,
    );

    it(
      'takes the result as labels, corrects them, saves by itself, and undoes every step to the same bytes',
      async () => {
        const id = await scanId('hippocampus_052');
        await button('Take as labels').click();
        await page.waitForTimeout(500);
        await saved();
        const taken = await labelsOf(id);
        await tab('Correct');
        await page.keyboard.press('b');
        await paint([0.42, 0.4], [0.5, 0.45]);
        await page.locator('.save', { hasText: 'Not saved yet' }).waitFor({ timeout: 5000 });
        await saved();
        await accessible();
        await look('correct');
        const painted = await labelsOf(id);
        expect(painted).not.toBe(taken);
        await page.keyboard.press('Control+z');
        await page.waitForTimeout(300);
        await saved();
        expect(await labelsOf(id)).toBe(taken);
        await page.keyboard.press('Control+y');
        await page.waitForTimeout(300);
        await saved();
        expect(await labelsOf(id)).toBe(painted);
      },
      timeout,
    );

    it(
      'loses no edit when the browser dies two seconds after it',
      async () => {
        const id = await scanId('hippocampus_052');
        await paint([0.55, 0.55], [0.6, 0.6]);
        await page.waitForTimeout(2000);
        await browser.close();
        await app.end('SIGKILL'); // the server too
        browser = await openBrowser();
        await open();
        await button('Review hippocampus_052').click();
        await page.waitForTimeout(3000);
        await saved();
        const kept = await labelsOf(id);
        await tab('Correct');
        await page.keyboard.press('e');
        await paint([0.55, 0.55], [0.6, 0.6]);
        await page.waitForTimeout(300);
        await saved();
        expect(await labelsOf(id)).not.toBe(kept); // there was something to erase
        await page.keyboard.press('Control+z');
        await page.waitForTimeout(300);
        await saved();
        expect(await labelsOf(id)).toBe(kept);
      },
      timeout,
    );

    it(
      'adapts a model, survives the death of the computing child, goes on, and makes the new version current',
      async () => {
        await goTo('Adapt');
        await page
          .getByText('11 chosen')
          .or(page.getByText(/11 of 11 chosen/))
          .first()
          .waitFor();
        await page.getByLabel('Name of the model').fill('our-hippocampus');
        await page.getByLabel('Time').fill('0.5');
        await button(/^Adapt$/)
          .last()
          .click();
        await page.getByText(/Learning: training/).waitFor({ timeout: 60_000 });
        await page.getByRole('img', { name: /^Loss over steps/ }).waitFor({ timeout: 60_000 });
        const children = execFileSync('pgrep', ['-P', String(app.pid)], { encoding: 'utf8' })
          .trim()
          .split('\n');
        for (const child of children) process.kill(Number(child), 'SIGKILL');
        await page.getByText('Interrupted; it can go on').waitFor({ timeout: 20_000 });
        await button('Go on').click();
        await page.getByText(/our-hippocampus@1 is current/).waitFor({ timeout: 200_000 });
        await accessible();
        await look('adapt');
        await goTo('Models');
        await page.getByRole('heading', { name: 'our-hippocampus' }).waitFor();
        await accessible();
        await look('models');
        await goTo('Activity');
        await page.getByText('model/publish').first().waitFor();
        await page.waitForTimeout(300);
        await accessible();
        await look('activity');
      },
      timeout,
    );

    it(
      'segments with the new model, says which scans trained it, and keeps a report',
      async () => {
        await goTo('Library');
        await button('Review hippocampus_052').click();
        await tab('Segment');
        await page.getByLabel('Model').selectOption('our-hippocampus');
        await page.locator('aside').getByRole('button', { name: 'Segment', exact: true }).click();
        await page.getByText('This scan trained the model').waitFor({ timeout: 120_000 });
        await tab('Keep');
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('link', { name: 'Report (PDF)' }).click(),
        ]);
        expect(
          readFileSync(await download.path())
            .subarray(0, 5)
            .toString(),
        ).toBe('%PDF-');
        await look('keep');
      },
      timeout,
    );

    it('threw nothing, and asked no other machine for anything', () => {
      expect(problems).toEqual([]);
      expect(outside).toEqual([]);
    });
  },
);
