import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test } from 'vitest';
import { jobRequests } from '../../contract/jobs.ts';
import { decodeNifti } from '../imaging/nifti/decode.ts';
import { encodeNifti } from '../imaging/nifti/encode.ts';
import { synthesize } from '../jobs/synthesize.ts';
const put = async (p: string, b: Uint8Array | string) => { await mkdir(dirname(p), { recursive: true }); await writeFile(p + '.draft', b); await rename(p + '.draft', p); };
const quiet = async <T>(x: Promise<T>): Promise<T | undefined> => { try { return await x; } catch { return undefined; } };
const ports = {
  scans: {
    readVolume: async (p: string) => decodeNifti(new Uint8Array(await readFile(p))),
    hashVolume: (v: any) => createHash('sha256').update(new Uint8Array(v.voxels.buffer, v.voxels.byteOffset, v.voxels.byteLength)).digest('hex'),
    listScans: async (p: string) => (await readdir(p)).filter((n) => n.endsWith('.nii.gz')).sort().map((n) => ({ name: n.replace('.nii.gz', ''), path: `${p}/${n}` })),
  },
  results: {
    writeNifti: async (p: string, v: any) => put(p, encodeNifti(v, { gzip: true })),
    writeJson: async (p: string, v: unknown) => put(p, JSON.stringify(v, null, 1)),
    readBytes: async (p: string) => { const b = await quiet(readFile(p)); return b && new Uint8Array(b); },
    readJson: async (p: string) => { const b = await quiet(readFile(p, 'utf8')); return b && JSON.parse(b); },
    list: async (p: string) => (await quiet(readdir(p)))?.sort() ?? [],
  },
  runs: { keyOf: (d: unknown) => JSON.stringify(d) },
} as any;
test('run', async () => {
  let t = performance.now(); let last = '';
  const context = { signal: new AbortController().signal, breathe: async () => {}, report: (p: any) => { if (p.phase !== last) { console.log(p.phase, ((performance.now() - t) / 1000).toFixed(1)); last = p.phase; } } } as any;
  const extra = JSON.parse(process.env.SYN ?? '{}');
  const r = await synthesize(ports, context, jobRequests.synthesize.parse({ kind: 'synthesize', labels: '/work/shared/data/brain-label-maps/label_maps', out: '/tmp/syn/out', count: 20, target: [17, 53], ...extra }));
  console.log(r, ((performance.now() - t) / 1000).toFixed(1), process.memoryUsage.rss() / 1e6);
}, 600000);
