// The app on its production build in Chromium (software rendering): docs/results/bench-app.json. After npm run build and
// npm run build:renderer: node bench/app.mjs [PART ...]; parts that are not named keep their last figures.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureEditing } from './app/editing.mjs';
import { measureFirstMap } from './app/first-map.mjs';
import { measureLibrary } from './app/library.mjs';
import { measureMemory } from './app/memory.mjs';
import { measureOpening } from './app/opening.mjs';
import { openBrowser, root } from './app/session.mjs';

const parts = {
  opening: measureOpening,
  'first-map': measureFirstMap,
  editing: measureEditing,
  memory: measureMemory,
  library: measureLibrary,
};
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
const file = join(root, 'docs/results/bench-app.json');
const before = () => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
};
for (const part of chosen) {
  if (!parts[part]) throw new Error(`There is no part "${part}": ${Object.keys(parts).join(', ')}.`);
  const home = mkdtempSync(join(tmpdir(), 'fewscan-bench-'));
  const browser = await openBrowser();
  try {
    const row = await parts[part]({ browser, home });
    process.stdout.write(`${part} ${JSON.stringify(row)}\n`);
    const machine = { cpu: cpus()[0].model, cores: cpus().length, node: process.version, browser: browser.version() };
    writeFileSync(file, `${JSON.stringify({ version: 1, ...before(), machine, [part]: row }, null, 1)}\n`);
  } finally {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  }
}
