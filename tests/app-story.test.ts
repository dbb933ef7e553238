import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsOf, coloured, drag, expectAccessible } from './app-window.ts';
import { noBrowser, openBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { type StartedApp, startApp } from './start-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The whole way of a person through the app, on the shipped demo scans, with no prepared result. */
const home = temporaryFolder();
const pictures = process.env['FEWSCAN_PICTURES'];
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
const accessible = () => expectAccessible(page);
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
async function segment(samples: string): Promise<void> {
  await page.getByLabel('Posterior samples').fill(samples);
  await page.locator('aside').getByRole('button', { name: 'Segment', exact: true }).click();
}
const scanNamed = async (name: string) => (await callsOf(page)('library/list', {})).find((scan) => scan.name === name)!;
const scanId = async (name: string): Promise<string> => (await scanNamed(name)).id;
/** Report of the newest result of the scan under review. */
const result = async () => (await scanNamed('hippocampus_052')).results[0]!.report;
/** Names of the scans that a model was trained on, and of those held out. */
async function trainingOf(model: string) {
  const library = await callsOf(page)('library/list', {});
  const models = await callsOf(page)('models/list', {});
  const { training } = models.find(({ record }) => record.name === model)!.record;
  const namesOf = (scans: readonly { readonly imageSha256: string }[]) =>
    scans.map(({ imageSha256 }) => library.find((scan) => scan.imageSha256 === imageSha256)!.name);
  return { scans: namesOf(training.scans), heldOut: namesOf(training.heldOut) };
}
/** What the bar below the planes says of the place under the pointer. */
const facts = () => page.locator('dt:has-text("R A S") + dd').textContent();
const paint = (from: readonly [number, number], to: readonly [number, number]) =>
  drag(page, page.locator('[data-plane=axial]'), from, to);

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
      'shows the first map after the first sample, and a segmentation that is stopped keeps what there is',
      async () => {
        await button('Review hippocampus_052').click();
        await page.locator('[data-plane=coronal] canvas').first().waitFor({ timeout: 30_000 });
        await segment('99');
        await page.getByText(/^After \d+ of 99 samples/).waitFor({ timeout: 60_000 });
        await look('sharpening');
        await button('Stop and keep what there is').click();
        await page.getByText('Stopped', { exact: true }).waitFor({ timeout: 20_000 });
        const kept = await result();
        expect(kept.samplesAsked).toBe(99);
        expect(kept.samples).toBeGreaterThan(0);
        expect(kept.samples).toBeLessThan(99);
        expect(kept.structures[0]!.sampleVolumesMl).toHaveLength(kept.samples);
        await page.keyboard.press(',');
        await page.getByText(`Sample ${kept.samples} of ${kept.samples}`, { exact: true }).waitFor();
      },
      timeout,
    );

    it(
      'forecasts and segments a scan, and shows what the model doubts',
      async () => {
        await tab('Segment');
        await button('Forecast').click();
        await page.getByText('GiB of memory').waitFor({ timeout: 60_000 });
        await segment('19');
        await page.getByText('19 samples', { exact: true }).waitFor({ timeout: 120_000 });
        await page.waitForTimeout(2000);
        await page.locator('[data-plane=axial]').hover();
        const before = await facts();
        await page.keyboard.press('n');
        await page.getByText(/^1 of \d+, [\d.]+ nats$/).waitFor();
        await page.locator('[data-plane=axial]').hover();
        await page.waitForTimeout(3000); // whatever is drawn meanwhile
        const slice = await facts();
        expect(slice).not.toBe(before);
        await page.getByLabel('Map').selectOption({ label: 'All doubt (entropy)' });
        await page.waitForTimeout(3000);
        await accessible();
        await look('judge');
        expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0);
        await page.locator('[data-plane=axial]').hover({ position: { x: 300, y: 300 } });
        await page.locator('[data-plane=axial]').hover();
        expect(await facts()).toBe(slice); // a map leaves the planes where they were
        await page.getByLabel('Map').selectOption({ label: 'none' });
      },
      timeout,
    );

    it(
      'steps through the samples, each with its volumes, and turns the surfaces',
      async () => {
        const cells = () => page.locator('aside td:nth-child(4)').allTextContents();
        const agreement = await cells();
        await page.keyboard.press('.');
        await page.getByText('Sample 1 of 19', { exact: true }).waitFor();
        const first = await cells();
        await button(/^Next sample/).click();
        await page.getByText('Sample 2 of 19', { exact: true }).waitFor();
        const second = await cells();
        expect(first).not.toEqual(agreement);
        expect(second).not.toEqual(first);
        await page.waitForTimeout(2000);
        await accessible();
        await look('samples');
        await button('All together').click();
        await page.getByLabel('Layout').selectOption({ label: 'Planes and 3-D' });
        await page.getByText('3-D: hippocampus-demo').waitFor();
        await page.waitForTimeout(3000);
        const front = await coloured(page.locator('[data-plane=surfaces]'));
        expect(front).toBeGreaterThan(1000);
        await page.keyboard.press('4');
        for (let n = 0; n < 5; n++) await page.keyboard.press('ArrowRight');
        await page.waitForTimeout(1000);
        expect(await coloured(page.locator('[data-plane=surfaces]'))).not.toBe(front);
        await accessible();
        await look('surfaces');
        await page.getByLabel('3-D shows').selectOption('the labels');
        await page.getByText('3-D: no labels yet').waitFor();
        await page.getByLabel('3-D shows').selectOption('what there is');
        await page.getByLabel('Layout').selectOption({ label: 'Three planes' });
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
        await page.getByLabel('Layout').selectOption({ label: 'Compare two' });
        const dice = page.locator('.compare td:nth-child(5)');
        await dice.first().waitFor({ timeout: 30_000 });
        await page.waitForTimeout(3000);
        for (const one of (await dice.allTextContents()).map(Number)) {
          expect(one).toBeGreaterThan(0.8);
          expect(one).toBeLessThanOrEqual(1);
        }
        expect((await dice.allTextContents()).map(Number).some((one) => one < 1)).toBe(true); // one was painted
        await accessible();
        await look('compare');
        await page.getByLabel('Layout').selectOption({ label: 'Three planes' });
        await button('Keys').click();
        await accessible();
        await look('keys');
        await button(/^Close$/).click();
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
        await page.getByText('What the methods reached on public scans').click();
        await page
          .getByRole('row', { name: /^Deep Weight Prior \(Bayesian\) 0\.8/ })
          .first() // a row for each target
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
        const { scans, heldOut } = await trainingOf('our-hippocampus');
        for (const [name, note] of [
          [heldOut[0]!, 'Held out when this model was trained'],
          [scans[0]!, 'This scan trained the model'],
        ] as const) {
          await goTo('Library');
          await page.getByRole('searchbox').fill(name);
          await button(`Review ${name}`).click();
          await tab('Segment');
          await page.getByLabel('Model').selectOption('our-hippocampus');
          await page.locator('aside').getByRole('button', { name: 'Segment', exact: true }).click();
          await page.getByText(note).waitFor({ timeout: 120_000 });
        }
        await tab('Keep');
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'Report (PDF)' }).click(),
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
