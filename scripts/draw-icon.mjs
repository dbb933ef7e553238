// Draws resources/icons/icon.png, which installers take, from icon.svg beside it: node scripts/draw-icon.mjs (needs Chromium)
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const folder = fileURLToPath(new URL('../resources/icons/', import.meta.url));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1024, height: 1024 } });
await page.setContent(`<style>body { margin: 0 }</style>${readFileSync(`${folder}icon.svg`, 'utf8')}`);
await page.screenshot({ path: `${folder}icon.png`, omitBackground: true });
await browser.close();
