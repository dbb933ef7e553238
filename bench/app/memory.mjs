// What pages and server hold while 30 volumes are opened one after the other.
import { fillLibrary, madeScan } from './made-scans.mjs';
import { pageBytes, pressAndSee, residentBytes, round, startServer, viewport } from './session.mjs';

const size = [256, 256, 96];

export async function measureMemory({ browser, home, volumes = 30 }) {
  const names = Array.from({ length: volumes }, (_, n) => `scan-${String(n + 1).padStart(2, '0')}`);
  for (const [n, name] of names.entries()) await fillLibrary(home, [[name, madeScan(size, n + 1)]]);
  const app = await startServer(home);
  const context = await browser.newContext({ viewport });
  const readings = [];
  try {
    const page = await context.newPage();
    await page.goto(app.address);
    const cdp = await context.newCDPSession(page);
    for (const name of names) {
      await page.getByRole('navigation').getByRole('button', { name: 'Library' }).click();
      await page.getByRole('searchbox').fill(name);
      await page.getByRole('button', { name: `Review ${name}` }).waitFor();
      await page.evaluate(() => {
        for (const canvas of document.querySelectorAll('[data-plane] canvas')) canvas.width = 0; // not the scan before
      });
      await pressAndSee(page, `Review ${name}`);
      await page.waitForTimeout(1500);
      await cdp.send('HeapProfiler.collectGarbage');
      await page.waitForTimeout(500);
      readings.push({ page: pageBytes(), server: residentBytes(app.pid) });
    }
  } finally {
    await context.close();
    await app.end();
  }
  const mean = (from, to, key) => readings.slice(from, to).reduce((sum, one) => sum + one[key], 0) / (to - from);
  const mib = (bytes) => round(bytes / 2 ** 20);
  const both = (from, to) => mean(from, to, 'page') + mean(from, to, 'server');
  return {
    size,
    volumes,
    pageMib: readings.map(({ page }) => mib(page)),
    serverMib: readings.map(({ server }) => mib(server)),
    growth: round(both(volumes - 5, volumes) / both(5, 10) - 1, 3),
    meaning: 'mean of volumes 26 to 30 over mean of volumes 6 to 10, page and server together, less 1',
    goal: 0.1,
  };
}
