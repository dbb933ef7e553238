import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { environment } from './run-fewscan.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
const isThere = existsSync(join(folder, 'dist', 'version'));
const entry = fileURLToPath(new URL('../dist/main/electron/main.js', import.meta.url));

describe.skipIf(!isThere)('the desktop app (skipped where the Electron binary is absent)', () => {
  it('opens its window in a sandbox, takes the demo scans in, and goes nowhere else', async () => {
    const app = await _electron.launch({
      args: [entry, '--no-sandbox'],
      env: environment(temporaryFolder()) as Record<string, string>,
    });
    try {
      const page = await app.firstWindow();
      expect(page.url()).toBe('fewscan://app/index.html');
      await page.getByRole('button', { name: 'Try with the demo scans' }).click();
      await page.getByText('13 of 13').waitFor({ timeout: 60_000 });
      expect(await page.evaluate(() => typeof (globalThis as { require?: unknown }).require)).toBe('undefined');
      expect(
        await page.evaluate(() =>
          fetch('https://example.org').then(
            () => 'answered',
            () => 'refused',
          ),
        ),
      ).toBe('refused');
      await page.evaluate(`location.href = 'https://example.org'`);
      await page.waitForTimeout(500);
      expect(page.url()).toBe('fewscan://app/index.html');
    } finally {
      await app.close();
    }
  }, 120_000);
});
