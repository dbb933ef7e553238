import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const renderer = fileURLToPath(new URL('../dist/renderer/index.html', import.meta.url));

/** Why the app cannot be tried here; undefined where it can. */
export const noBrowser = !chromiumPath ? 'no Chromium' : existsSync(renderer) ? undefined : 'the renderer is not built';

/** Chromium with software rendering, as machines without a graphics card have it. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath!,
    args: [
      '--no-sandbox',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
    ],
  });
