import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { chromiumPath, noBrowser } from './open-browser.ts';
import { isSetUp } from './run-fewscan.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A network of its own with the loopback device alone: no other address can be reached, and the kernel counts who tries. */
const alone = (...command: readonly string[]) =>
  ['--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...command] as const;
const canUnshare = spawnSync('unshare', alone('true')).status === 0;

interface Counts {
  readonly noRoute: number;
  readonly noRoute6: number;
  readonly noListener: number;
}
interface Said {
  readonly devices: readonly string[];
  readonly before: Counts;
  readonly afterJobs: Counts;
  readonly afterPages: Counts;
  readonly proof: Counts;
  readonly problems: readonly string[];
  /** What the page asked of any other address. */
  readonly outside: readonly string[];
  readonly model: { readonly name: string };
}

const script = fileURLToPath(new URL('offline-run.mjs', import.meta.url));
const run = (home: string) =>
  new Promise<string>((resolve, reject) => {
    const child = spawn('unshare', alone(process.execPath, script, home, chromiumPath!), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { out: '', error: '' };
    child.stdout.on('data', (part: Buffer) => {
      said.out += part.toString();
    });
    child.stderr.on('data', (part: Buffer) => {
      said.error += part.toString();
    });
    child.once('close', (code) => (code === 0 ? resolve(said.out) : reject(new Error(said.error))));
  });

describe.skipIf(!canUnshare || noBrowser !== undefined || !isSetUp)(
  `a machine without a network${canUnshare ? '' : ' (no network of its own can be made here)'}`,
  () => {
    it('segments and adapts, and neither server, children nor page try another address or a name', async () => {
      const said = JSON.parse(await run(temporaryFolder())) as Said;
      const { before, afterJobs, afterPages, proof } = said;
      expect(said.devices).toEqual(['lo']);
      expect(said.model.name).toBe('offline');
      expect({ problems: said.problems, outside: said.outside }).toEqual({ problems: [], outside: [] });
      expect(afterJobs).toEqual(before);
      // Chromium itself asks the system, without sending, whether it could reach a known IPv6 address
      expect({ ...afterPages, noRoute6: before.noRoute6 }).toEqual(before);
      expect(proof).toMatchObject({ noRoute: before.noRoute + 1, noListener: before.noListener + 1 });
    }, 300_000);
  },
);
