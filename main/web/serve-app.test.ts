import { existsSync } from 'node:fs';
import { get, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallName, calls } from '../../contract/app/calls.ts';
import type { JobState } from '../../contract/app/job-state.ts';
import type { ScanEntry } from '../../contract/app/scan-entry.ts';
import { decodeVoxels, encodeVoxels, knownLabels } from '../../contract/app/voxel-message.ts';
import { type StartedApp, startApp } from '../../tests/start-app.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

const home = temporaryFolder();
let server: StartedApp;
let [cookie, base] = ['', ''];

const ask = (
  path: string,
  options: { method?: string; body?: Uint8Array | string; headers?: Record<string, string> } = {},
) =>
  new Promise<Reply>((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const headers = { cookie, ...options.headers };
    const sent = request({ hostname, port, path, method: options.method ?? 'GET', headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    sent.end(options.body);
  });
const call = async <Output>(name: CallName, input: unknown = {}): Promise<Output> => {
  const { body } = await ask(`/call/${name}`, { method: 'POST', body: JSON.stringify(input) });
  const answer = JSON.parse(body.toString()) as { ok: boolean; output: unknown };
  expect(answer, JSON.stringify(answer)).toMatchObject({ ok: true });
  return calls[name].output.parse(answer.output) as Output;
};
const finished = async (id: string): Promise<JobState> => {
  for (;;) {
    const job = (await call<JobState[]>('jobs/list')).find((one) => one.id === id)!;
    if (!['waiting', 'running'].includes(job.status)) return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

beforeAll(async () => {
  server = await startApp(home);
  base = server.address;
  const entered = await ask(new URL(base).pathname);
  expect(entered.status).toBe(303);
  cookie = String(entered.headers['set-cookie']).split(';')[0]!;
});
afterAll(() => server.end());

describe('the server of the app', () => {
  it('lets in whoever has the first address, once, and nobody without its cookie', async () => {
    expect((await ask(new URL(base).pathname)).status).toBe(404); // used up: a page like any other
    expect((await ask('/call/about', { method: 'POST', body: '{}', headers: { cookie: 'fewscan=x' } })).status).toBe(
      403,
    );
    expect((await ask('/call/about', { method: 'POST', body: '{}' })).status).toBe(200);
  });

  it('refuses other hosts and origins, and leaves no folder but its own open', async () => {
    const about = { method: 'POST', body: '{}' };
    expect((await ask('/call/about', { ...about, headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await ask('/call/about', { ...about, headers: { origin: 'http://evil.example' } })).status).toBe(403);
    for (const path of ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/package.json'])
      expect((await ask(path)).status).toBe(404);
    expect((await ask('/volume/..%2f..%2fsecret/image')).status).toBe(422);
    const bound = await new Promise<string>((resolve) => {
      const { port } = new URL(base);
      get({ host: '127.0.0.2', port, path: '/' }, () => resolve('answered')).on('error', () => resolve('refused'));
    });
    expect(bound).toBe('refused'); // the loopback address alone, not every one of this machine
  });

  it('refuses calls that are unknown or malformed', async () => {
    for (const [name, body] of [
      ['nothing', '{}'],
      ['constructor', '{}'],
      ['library/remove', '{"id":3}'],
    ] as const) {
      const answer = JSON.parse((await ask(`/call/${name}`, { method: 'POST', body })).body.toString()) as {
        ok: boolean;
      };
      expect(answer.ok).toBe(false);
    }
  });

  it('opens scans, gives their voxels, and keeps labels on their grid alone', async () => {
    const { id } = await call<JobState>('library/add-demo');
    expect(await finished(id)).toMatchObject({ status: 'done' });
    const scans = await call<ScanEntry[]>('library/list');
    expect(scans).toHaveLength(13);
    const labelled = scans.filter(({ labels }) => labels);
    expect(labelled).toHaveLength(10);
    expect(labelled[0]!.labels!.structures.map(({ name }) => name)).toEqual(['anterior', 'posterior']);
    const again = await call<JobState>('library/add-demo');
    await finished(again.id);
    expect(await call<ScanEntry[]>('library/list')).toHaveLength(13);

    const scan = scans.find(({ labels }) => !labels)!;
    const bytes = (await ask(`/volume/${scan.id}/image`)).body;
    const { header, voxels } = decodeVoxels(new Uint8Array(bytes).buffer);
    expect(header.size).toEqual(scan.size);
    const drawn = Uint8Array.from(voxels, (_, n) => (n % 7 === 0 ? 2 : 0));
    const save = (size: readonly number[]) =>
      ask(`/volume/${scan.id}/labels`, {
        method: 'PUT',
        body: encodeVoxels({ ...header, type: 'uint8', size: size as [number, number, number] }, drawn),
      });
    expect((await save(header.size)).status).toBe(200);
    const read = decodeVoxels(new Uint8Array((await ask(`/volume/${scan.id}/labels`)).body).buffer);
    expect(read.header.affineRasMm).toEqual(header.affineRasMm);
    expect(Buffer.compare(Buffer.from(read.voxels.buffer, read.voxels.byteOffset), Buffer.from(drawn))).toBe(0);
    const stale = await ask(`/volume/${scan.id}/labels`, {
      method: 'PUT',
      body: encodeVoxels({ ...header, type: 'uint8' }, drawn),
      headers: { [knownLabels]: '' }, // as a window that had opened the scan before these labels were saved
    });
    expect([stale.status, stale.body.toString()]).toEqual([422, expect.stringContaining('library/labels-changed')]);
    const [a, b, c] = header.size;
    expect((await save([b, a, c])).status).toBe(a === b ? 200 : 422);
    const { labels, review } = (await call<ScanEntry[]>('library/list')).find((one) => one.id === scan.id)!;
    expect({ structures: labels!.structures.map(({ label }) => label), review }).toEqual({
      structures: [2],
      review: 'in review',
    });
  });

  it('reads what was uploaded, from its own inbox', async () => {
    const batch = 'aabbccdd00112233';
    const sent = await ask(`/upload?batch=${batch}&path=../../${encodeURIComponent('folder/not a scan.txt')}`, {
      method: 'POST',
      body: 'text',
    });
    const { path } = JSON.parse(sent.body.toString()) as { path: string };
    expect(path).toBe(join(home, 'inbox', batch, 'folder'));
    const { id } = await call<JobState>('library/add', { paths: [path] });
    expect((await finished(id)).result).toMatchObject({ added: 0, problems: [{ name: 'folder' }] });
    await expect.poll(() => existsSync(join(home, 'inbox', batch))).toBe(false);
  });
});
