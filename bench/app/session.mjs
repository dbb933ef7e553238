// What the measurements share: the app's server in a process of its own, Chromium, and what both hold of memory.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const root = join(import.meta.dirname, '../..');
export const viewport = { width: 1440, height: 900 };

export const openBrowser = () =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
      '--js-flags=--expose-gc',
    ],
  });

/** The server as users start it; `end` asks it to end and waits. */
export function startServer(home) {
  const child = spawn(process.execPath, [join(root, 'dist/main/web/start.js')], {
    env: { ...process.env, FEWSCAN_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the server ended before it gave its address')));
    let said = '';
    child.stdout.on('data', (part) => {
      said += part;
      const address = /http:\/\/\S+/.exec(said)?.[0];
      if (!address) return;
      const end = () => {
        child.kill('SIGTERM');
        return ended;
      };
      resolve({ address, pid: child.pid, end });
    });
  });
}

const statusOf = (pid) => readFileSync(`/proc/${pid}/status`, 'utf8');

/** Resident bytes of a process. */
export const residentBytes = (pid) => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0);

/** Resident bytes of the processes below this one that show pages: renderers and the process that draws. */
export function pageBytes() {
  let bytes = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (/--type=(renderer|gpu-process)/.test(command) && isBelow(pid)) bytes += residentBytes(pid);
    } catch {
      // it has ended
    }
  }
  return bytes;
}

/** Processor time of all processes below this one so far, ms: what a busy machine does not change. */
export function processorMs() {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!isBelow(pid)) continue;
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // it has ended
    }
  }
  return 10 * ticks; // a hundred ticks a second
}

function isBelow(pid) {
  for (let at = Number(pid); at > 1; at = Number(/^PPid:\s+(\d+)/m.exec(statusOf(at))[1]))
    if (at === process.pid) return true;
  return false;
}

/** Milliseconds from a press of `button` to a picture in all three planes, found in the page itself, frame by frame. */
export function pressAndSee(page, button) {
  return page.evaluate(async (label) => {
    const shown = () =>
      ['axial', 'sagittal', 'coronal'].every((plane) => {
        const canvas = document.querySelector(`[data-plane=${plane}] canvas`);
        if (!canvas?.width) return false;
        const { data } = canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1);
        return Math.max(data[0], data[1], data[2]) > 40;
      });
    const startedMs = performance.now();
    [...document.querySelectorAll('button')]
      .find((one) => (one.getAttribute('aria-label') ?? one.textContent) === label)
      .click();
    while (!shown()) await new Promise(requestAnimationFrame);
    return performance.now() - startedMs;
  }, button);
}

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
export const round = (value, digits = 0) => Number(value.toFixed(digits));
