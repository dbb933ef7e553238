import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { expect } from 'vitest';
import { connect } from '../contract/app/connection.ts';
import { openBrowser } from './open-browser.ts';
import { startApp } from './start-app.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The calls of the app's window, made from within it. */
export const callsOf = (page: Page) =>
  connect((name, input) =>
    page.evaluate(
      async ([name, input]) => (await fetch(`/call/${name}`, { method: 'POST', body: JSON.stringify(input) })).json(),
      [name, input] as const,
    ),
  );

/** The app in a browser of its own. */
export async function openWindow(home: string) {
  const app = await startApp(home);
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  /** What the page threw. */
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(app.address);
  const close = async () => {
    await browser.close();
    await app.end();
  };
  return { page, problems, close };
}

export async function expectAccessible(page: Page): Promise<void> {
  const violations = await page.evaluate(
    `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`,
  );
  expect(violations).toEqual([]);
}

/** Pixels that are neither grey nor nearly so. */
export async function coloured(place: Locator): Promise<number> {
  const { data } = PNG.sync.read(await place.screenshot());
  let count = 0;
  for (let n = 0; n < data.length; n += 4)
    if (Math.max(data[n]!, data[n + 1]!, data[n + 2]!) - Math.min(data[n]!, data[n + 1]!, data[n + 2]!) > 60) count++;
  return count;
}

/** Drags over a place on the screen along points, shares of its width and height. */
export async function drag(page: Page, place: Locator, ...points: readonly (readonly [number, number])[]) {
  const box = (await place.boundingBox())!;
  const [first, ...others] = points.map(([x, y]) => [box.x + box.width * x, box.y + box.height * y] as const);
  await page.mouse.move(...first!);
  await page.mouse.down();
  for (const point of others) await page.mouse.move(...point, { steps: 6 });
  await page.mouse.up();
}
