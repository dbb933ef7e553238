// From the press of a button to the first picture of 512 x 512 x 174 voxels, beside Cornerstone alone.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';
import { fillLibrary, madeScan } from './made-scans.mjs';
import { median, pressAndSee, processorMs, root, round, startServer, viewport } from './session.mjs';

const size = [512, 512, 174];
const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css' };

/** Serves the page of Cornerstone alone with voxels as they lie in memory. */
export async function serveBare(voxels) {
  const outDir = mkdtempSync(join(tmpdir(), 'fewscan-bare-'));
  await build({
    root: join(root, 'bench/app/bare'),
    base: './',
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { target: 'esnext', outDir, emptyOutDir: true, chunkSizeWarningLimit: 4000 },
  });
  const bytes = new Uint8Array(voxels.buffer);
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, 'http://127.0.0.1');
    if (pathname === '/voxels') return response.end(bytes);
    try {
      const file = readFileSync(join(outDir, pathname === '/' ? 'index.html' : pathname));
      response.writeHead(200, { 'Content-Type': types[extname(pathname)] ?? 'text/html' }).end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
    rmSync(outDir, { recursive: true });
  };
  return { address: `http://127.0.0.1:${server.address().port}/`, close };
}

export const bareAddress = (bare, volume) =>
  `${bare.address}?volume=${encodeURIComponent(JSON.stringify({ spacing: [0.8, 0.8, 1.5], window: { lower: -160, upper: 240 }, ...volume }))}`;

/** Both in turn, each time in a new page, after one round that warms up. */
export async function measureOpening({ browser, home, rounds = 5 }) {
  const scan = madeScan(size);
  await fillLibrary(home, [['large', scan]]);
  const bare = await serveBare(scan.voxels);
  const app = await startServer(home);
  const times = { app: [], bare: [] };
  const processor = { app: [], bare: [] };
  const context = await browser.newContext({ viewport });
  try {
    const first = await context.newPage();
    await first.goto(app.address);
    await first.close();
    for (let round = 0; round <= rounds; round++)
      for (const kind of ['app', 'bare']) {
        const page = await context.newPage();
        await page.goto(kind === 'app' ? new URL('/', app.address).href : bareAddress(bare, { size }));
        await page.locator(kind === 'app' ? 'button.open' : '[data-ready]').waitFor();
        await page.waitForTimeout(1500);
        const before = processorMs();
        const ms = await pressAndSee(page, kind === 'app' ? 'Review large' : 'Open');
        if (round > 0) {
          times[kind].push(ms);
          processor[kind].push(processorMs() - before);
        }
        await page.close();
      }
  } finally {
    await context.close();
    await app.end();
    bare.close();
  }
  const [ours, theirs] = [median(times.app), median(times.bare)];
  return {
    size,
    appMs: round(ours),
    cornerstoneAloneMs: round(theirs),
    ratio: round(ours / theirs, 2),
    quickest: { appMs: round(Math.min(...times.app)), cornerstoneAloneMs: round(Math.min(...times.bare)) },
    ratioOfQuickest: round(Math.min(...times.app) / Math.min(...times.bare), 2),
    processor: { appMs: round(median(processor.app)), cornerstoneAloneMs: round(median(processor.bare)) },
    load: round(loadavg()[0], 1),
    goal: 1.2,
    rounds: { app: times.app.map((ms) => round(ms)), cornerstoneAlone: times.bare.map((ms) => round(ms)) },
  };
}
