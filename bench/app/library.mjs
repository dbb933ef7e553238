// 5,000 scans in the library: the list from the server, the page, frames while it scrolls, and a search.
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillLibrary, madeScan } from './made-scans.mjs';
import { median, round, startServer, viewport } from './session.mjs';

/** Copies one scan's record under other ids; its files are links. */
async function fill(home, count) {
  const [id] = await fillLibrary(home, [['scan-0000', madeScan([64, 64, 32])]]);
  const from = join(home, 'library', id);
  const record = JSON.parse(readFileSync(join(from, 'scan.json'), 'utf8'));
  for (let n = 1; n < count; n++) {
    const other = n.toString(16).padStart(12, '0');
    const to = join(home, 'library', other);
    mkdirSync(to, { recursive: true });
    for (const file of ['image.nii', 'thumbnail.png']) linkSync(join(from, file), join(to, file));
    const imageSha256 = n.toString(16).padStart(64, '0');
    writeFileSync(
      join(to, 'scan.json'),
      JSON.stringify({ ...record, id: other, name: `scan-${String(n).padStart(4, '0')}`, imageSha256 }),
    );
  }
}

/** Longest and median frame while the list is scrolled from end to end in two seconds. */
async function scrolled() {
  const list = document.querySelector('.list');
  const frames = [];
  const startedMs = performance.now();
  let before = startedMs;
  for (let now = startedMs; now - startedMs < 2000; ) {
    list.scrollTop = (list.scrollHeight * (now - startedMs)) / 2000;
    now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
  }
  return frames.slice(1);
}

export async function measureLibrary({ browser, home, scans = 5000 }) {
  await fill(home, scans);
  const app = await startServer(home);
  const context = await browser.newContext({ viewport });
  try {
    const page = await context.newPage();
    const startedMs = performance.now();
    await page.goto(app.address);
    await page.getByText(`${scans} of ${scans}`).waitFor({ timeout: 60_000 });
    const openMs = performance.now() - startedMs;
    const listMs = await page.evaluate(async () => {
      const times = [];
      for (let n = 0; n < 3; n++) {
        const began = performance.now();
        await (await fetch('/call/library/list', { method: 'POST', body: '{}' })).text();
        times.push(performance.now() - began);
      }
      return times.sort((a, b) => a - b)[1];
    });
    const frames = await page.evaluate(scrolled);
    const rows = await page.locator('li.scan').count();
    const searchedMs = performance.now();
    await page.getByRole('searchbox').fill('scan-4321');
    await page.getByText(`1 of ${scans}`).waitFor();
    return {
      scans,
      openMs: round(openMs),
      listMs: round(listMs),
      rowsInPage: rows,
      frameMs: round(median(frames), 1),
      frames95Ms: round(frames.toSorted((a, b) => a - b)[Math.floor(0.95 * frames.length)], 1),
      longestFrameMs: round(Math.max(...frames), 1),
      searchMs: round(performance.now() - searchedMs),
    };
  } finally {
    await context.close();
    await app.end();
  }
}
