import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { writeMadeScans } from '../tests/made-scans.ts';
import { entry, environment, isSetUp, runFewscan, trainingOf } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const home = join(root, 'home');
const fewscan = (args: readonly string[], own = home) => runFewscan(args, own);
const scans = writeMadeScans(root, 4);
const training = (name: string, steps: number) => trainingOf(scans, name, steps);

describe.skipIf(!isSetUp)('an interrupted training', () => {
  test('killed at a random step and run again it ends in the same bytes as one never interrupted', async () => {
    const weights = (own: string) =>
      createHash('sha256')
        .update(readFileSync(join(own, 'models/same/1/weights.safetensors')))
        .digest('hex');
    const [whole, broken] = [join(root, 'whole'), join(root, 'broken')];
    expect((await fewscan(training('same', 60), whole)).status).toBe(0);
    const child = spawn(process.execPath, [entry, ...training('same', 60)], {
      env: environment(broken),
      detached: true,
      stdio: 'ignore',
    });
    await until(() => checkpoints(broken).length > 0);
    await pause(400 * Math.random());
    process.kill(-child.pid!, 'SIGKILL');
    await until(() => child.signalCode !== null || child.exitCode !== null);
    expect(existsSync(join(broken, 'models/same/1'))).toBe(false);
    expect(checkpoints(broken).length).toBe(1);
    expect((await fewscan(training('same', 60), broken)).status).toBe(0);
    expect(weights(broken)).toBe(weights(whole));
    expect(checkpoints(broken).length).toBe(0);
  }, 180_000);

  test('Ctrl-C ends it within a second or so with 130', async () => {
    const child = spawn(process.execPath, [entry, ...training('stopped', 100_000)], {
      env: environment(home),
      stdio: 'ignore',
    });
    await until(() => checkpoints(home).length > 0);
    const startedMs = performance.now();
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(130);
    expect(performance.now() - startedMs).toBeLessThan(3000); // 1 s on an idle machine; tests share it
  }, 120_000);

  test('a computing child that is killed is a named failure that can be resumed', async () => {
    const own = join(root, 'killed');
    const child = spawn(process.execPath, [entry, ...training('killed', 100_000)], {
      env: environment(own),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await until(() => checkpoints(own).length > 0);
    spawnSync('pkill', ['-KILL', '-P', String(child.pid)]);
    expect(await exitOf(child)).toBe(2);
    expect(said).toContain('ended unexpectedly (signal SIGKILL)');
    expect(checkpoints(own).length).toBe(1);
  }, 120_000);
});

const checkpoints = (own: string): string[] => {
  const runs = join(own, 'runs');
  return existsSync(runs)
    ? readdirSync(runs).filter((key) => existsSync(join(runs, key, 'checkpoint.safetensors')))
    : [];
};
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 50) {
    if (waited > 60_000) throw new Error('waited in vain');
    await pause(50);
  }
}
const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('exit', (code) => resolve(code)));
