// From "Segment" to the result on the screen, beside the command line's whole time for the same scan, model and samples.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { median, pressAndSee, root, round, startServer, viewport } from './session.mjs';

const scan = 'hippocampus_052';
const samples = 19;

function commandMs(home, n) {
  const image = join(root, `resources/demo/imagesTs/${scan}.nii.gz`);
  const args = [
    'segment',
    image,
    '--model',
    'hippocampus-demo',
    '--samples',
    String(samples),
    '--out',
    join(home, `out-${n}`),
  ];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/cli/fewscan.js'), ...args], {
    env: { ...process.env, FEWSCAN_HOME: join(home, 'command') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) =>
    child.once('exit', (code) =>
      code === 0 ? resolve(performance.now() - startedMs) : reject(new Error(`the command line ended with ${code}`)),
    ),
  );
}

export async function measureFirstMap({ browser, home, rounds = 5 }) {
  const app = await startServer(join(home, 'app'));
  const context = await browser.newContext({ viewport });
  const times = { app: [], command: [] };
  try {
    const page = await context.newPage();
    await page.goto(app.address);
    await page.getByRole('button', { name: 'Try with the demo scans' }).click();
    await page.getByText('13 of 13').waitFor({ timeout: 60_000 });
    await pressAndSee(page, `Review ${scan}`);
    await page.waitForTimeout(3000);
    for (let n = 0; n <= rounds; n++) {
      await page.getByRole('tab', { name: 'Segment' }).click();
      const results = await page.evaluate(resultCount, scan);
      const startedMs = performance.now();
      await page.locator('aside').getByRole('button', { name: 'Segment', exact: true }).click();
      while ((await page.evaluate(resultCount, scan)) === results) await page.waitForTimeout(50);
      await page.getByRole('button', { name: 'Next uncertain place (N)' }).waitFor();
      const ms = performance.now() - startedMs;
      const theirs = await commandMs(home, n);
      if (n > 0) {
        times.app.push(ms);
        times.command.push(theirs);
      }
    }
  } finally {
    await context.close();
    await app.end();
  }
  const [ours, theirs] = [median(times.app), median(times.command)];
  return {
    scan,
    samples,
    appMs: round(ours),
    commandLineMs: round(theirs),
    ratio: round(ours / theirs, 2),
    goal: 1.3,
    rounds: { app: times.app.map((ms) => round(ms)), commandLine: times.command.map((ms) => round(ms)) },
  };
}

async function resultCount(name) {
  const { output } = await (await fetch('/call/library/list', { method: 'POST', body: '{}' })).json();
  return output.find((one) => one.name === name).results.length;
}
