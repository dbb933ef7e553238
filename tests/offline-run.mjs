// Runs in a network of its own that has the loopback device alone: the server with a segmentation and a short adaptation, then its pages in a
// browser. Prints what the kernel counted: packets to addresses that no route leads to, and datagrams to local ports where nobody listens (a
// resolver on this machine).
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const [home, executablePath] = process.argv.slice(2);

function counted() {
  const of = (protocol, name) => {
    const [names, values] = readFileSync('/proc/net/snmp', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`${protocol}:`))
      .map((line) => line.split(' '));
    return Number(values[names.indexOf(name)]);
  };
  const [, sixth] = /Ip6OutNoRoutes\s+(\d+)/.exec(readFileSync('/proc/net/snmp6', 'utf8')) ?? [];
  return { noRoute: of('Ip', 'OutNoRoutes'), noRoute6: Number(sixth ?? 0), noListener: of('Udp', 'NoPorts') };
}

const start = fileURLToPath(new URL('../dist/main/web/start.js', import.meta.url));
const server = spawn(process.execPath, [start], {
  env: { ...process.env, FEWSCAN_HOME: home, TF_NUM_INTRAOP_THREADS: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const address = await new Promise((resolve, reject) => {
  server.once('exit', () => reject(new Error('the server ended before it gave its address')));
  server.stdout.on('data', (part) => {
    const [found] = /http:\/\/\S+/.exec(part) ?? [];
    if (found) resolve(found);
  });
});
const entered = await fetch(address, { redirect: 'manual' });
const [cookie] = entered.headers.get('set-cookie').split(';');
const call = async (name, input) => {
  const reply = await fetch(new URL(`/call/${name}`, address), {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { cookie },
  });
  const answer = await reply.json();
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return answer.output;
};
const done = async ({ id }) => {
  for (;;) {
    const job = (await call('jobs/list', {})).find((one) => one.id === id);
    if (job.status === 'done') return job;
    if (job.status !== 'waiting' && job.status !== 'running')
      throw new Error(`${job.title}: ${job.status}, ${job.error}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const before = counted();
await done(await call('library/add-demo', {}));
const scans = await call('library/list', {});
const { record } = (await call('models/list', {})).find(({ current }) => current);
const [prior] = await call('priors/list', {});
await done(
  await call('segment/start', { scan: scans[0].id, model: record.name, version: record.modelVersion, samples: 2 }),
);
const adaptation = await done(
  await call('adapt/start', {
    name: 'offline',
    prior: prior.name,
    scans: scans.flatMap(({ id, labels }) => (labels ? [id] : [])).slice(0, 4),
    minutes: 0.1,
    holdOut: 0,
  }),
);
const afterJobs = counted();

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--ignore-gpu-blocklist',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', // Chromium's own services look names up, on a blank page too
  ],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
const problems = [];
const outside = [];
page.on('pageerror', (error) => problems.push(error.message));
page.on('console', (message) => {
  if (message.type() === 'error') problems.push(message.text());
});
page.on('request', (request) => {
  if (!/^(data|blob):|^http:\/\/127\.0\.0\.1:/.test(request.url())) outside.push(request.url());
});
await page.context().addCookies([{ name: 'fewscan', value: cookie.split('=')[1], domain: '127.0.0.1', path: '/' }]);
await page.goto(new URL('/', address).href);
await page.getByText('13 of 13').waitFor({ timeout: 60_000 });
await page.getByRole('button', { name: `Review ${scans[0].name}` }).click();
await page.locator('[data-plane=coronal] canvas').first().waitFor({ timeout: 60_000 });
await page.getByRole('tab', { name: 'Judge' }).click();
await page.getByRole('button', { name: 'Next uncertain place (N)' }).click();
for (const name of ['Adapt', 'Models', 'Activity', 'Library']) {
  await page.getByRole('navigation').getByRole('button', { name }).click();
  await page.waitForTimeout(300);
}
const afterPages = counted();
await browser.close();
server.kill('SIGTERM');
await new Promise((resolve) => server.once('exit', resolve));

// the counters count
const socket = createSocket('udp4');
await new Promise((resolve) => socket.send('x', 53, '192.0.2.1', () => resolve()));
await new Promise((resolve) => socket.send('x', 53, '127.0.0.53', () => resolve()));
socket.close();
const proof = counted();
const devices = Object.keys(networkInterfaces());
const { model } = adaptation.result;
process.stdout.write(
  `${JSON.stringify({ devices, before, afterJobs, afterPages, proof, problems, outside, model })}\n`,
);
