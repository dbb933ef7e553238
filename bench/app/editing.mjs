// A brush stroke until the labels have changed, beside Cornerstone's brush alone; 100 strokes undone and done again to the same bytes.

import { fillLibrary, madeScan } from './made-scans.mjs';
import { bareAddress, serveBare } from './opening.mjs';
import { median, pressAndSee, round, startServer, viewport } from './session.mjs';

const size = [256, 256, 96];

/** Runs in the page before anything else: times from the pointer's event to Cornerstone's news of changed labels, and the whole event. */
function watchStrokes() {
  const seen = { toChangeMs: [], eventMs: [] };
  globalThis.strokes = seen;
  let startedMs = 0;
  let isChanged = false;
  const Plain = globalThis.CustomEvent;
  globalThis.CustomEvent = class extends Plain {
    constructor(type, options) {
      super(type, options);
      if (type !== 'CORNERSTONE_TOOLS_SEGMENTATION_DATA_MODIFIED' || isChanged) return;
      isChanged = true;
      seen.toChangeMs.push(performance.now() - startedMs);
    }
  };
  for (const type of ['mousedown', 'mousemove']) {
    addEventListener(
      type,
      ({ buttons }) => {
        startedMs = performance.now();
        isChanged = buttons !== 1;
      },
      true,
    );
    // a task of its own comes after every listener of the event
    addEventListener(
      type,
      ({ buttons }) => {
        if (buttons !== 1) return;
        const began = startedMs;
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          if (isChanged) seen.eventMs.push(performance.now() - began);
          port1.close();
        };
        port2.postMessage(0);
      },
      true,
    );
  }
}

/** Strokes as the page gets them from a mouse, sent within the page: a round trip an event would measure the driver. */
const paint = (page, from) =>
  page.evaluate(async (starts) => {
    const element = document.querySelector('[data-plane=axial]');
    const { left, top, width, height } = element.getBoundingClientRect();
    const target = element.querySelector('canvas') ?? element;
    const send = (type, on, [x, y], buttons) =>
      on.dispatchEvent(
        new MouseEvent(type, {
          bubbles: true,
          cancelable: true,
          view: window,
          button: 0,
          buttons,
          clientX: left + width * x,
          clientY: top + height * y,
        }),
      );
    const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
    for (const [x, y] of starts) {
      send('mousemove', target, [x, y], 0);
      send('mousedown', target, [x, y], 1);
      for (const n of [1, 2]) {
        send('mousemove', document, [x + 0.015 * n, y + 0.01 * n], 1);
        await turn();
      }
      send('mouseup', document, [x + 0.03, y + 0.02], 0);
      await turn();
    }
  }, from);

const places = (count) =>
  Array.from({ length: count }, (_, n) => [0.3 + 0.035 * (n % 10), 0.35 + 0.03 * Math.floor(n / 10)]);

const saved = (page) => page.locator('.save', { hasText: /^Saved$/ }).waitFor({ timeout: 60_000 });

/** SHA-256 of the labels on disk, once they are there. */
async function labelsOf(page, id) {
  await page.waitForTimeout(200);
  await saved(page);
  return page.evaluate(async (scan) => {
    const bytes = await (await fetch(`/volume/${scan}/labels`)).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }, id);
}

export async function measureEditing({ browser, home, strokes = 100 }) {
  const scan = madeScan(size);
  const [id] = await fillLibrary(home, [['large', scan]]);
  const bare = await serveBare(scan.voxels);
  const app = await startServer(home);
  const context = await browser.newContext({ viewport });
  await context.addInitScript(watchStrokes);
  const timesOf = async (page) => {
    const { toChangeMs, eventMs } = await page.evaluate(() => globalThis.strokes);
    return { toChangeMs: round(median(toChangeMs), 1), eventMs: round(median(eventMs), 1), events: eventMs.length };
  };
  try {
    const alone = await context.newPage();
    await alone.goto(bareAddress(bare, { size, brushMm: 3 }));
    await alone.locator('[data-ready]').waitFor();
    await pressAndSee(alone, 'Open');
    await alone.waitForTimeout(2000);
    await paint(alone, places(20));
    const cornerstoneAlone = await timesOf(alone);
    await alone.close();

    const page = await context.newPage();
    await page.goto(app.address);
    await page.locator('button.open').waitFor();
    await pressAndSee(page, 'Review large');
    await page.getByRole('tab', { name: 'Correct' }).click();
    await page.waitForTimeout(2000);
    await page.keyboard.press('b');
    await paint(page, [[0.2, 0.5]]);
    const before = await labelsOf(page, id);
    await page.evaluate(() => {
      for (const list of Object.values(globalThis.strokes)) list.length = 0;
    });
    await paint(page, places(strokes));
    const times = await timesOf(page);
    const painted = await labelsOf(page, id);
    for (let n = 0; n < strokes; n++) await page.keyboard.press('Control+z');
    const undone = await labelsOf(page, id);
    for (let n = 0; n < strokes; n++) await page.keyboard.press('Control+y');
    const redone = await labelsOf(page, id);
    return {
      size,
      strokes,
      app: times,
      cornerstoneAlone,
      ourMs: round(times.eventMs - cornerstoneAlone.eventMs, 1),
      goalMs: 16,
      undoGivesEqualBytes: undone === before && painted !== before,
      redoGivesEqualBytes: redone === painted,
    };
  } finally {
    await context.close();
    await app.end();
    bare.close();
  }
}
