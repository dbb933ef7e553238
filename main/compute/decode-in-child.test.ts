import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { madeSlice } from '../../tests/made-dicom.ts';
import { isSetUp } from '../../tests/run-fewscan.ts';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { readHeader } from '../imaging/dicom/file-header.ts';
import { groupSeries } from '../imaging/dicom/group-series.ts';
import { decodeDicom, type StackTask } from '../storage/dicom/decode-dicom.ts';

const root = temporaryFolder();
/** Children are started from the compiled program. */
const compiledUrl = new URL('../../dist/main/compute/decode-in-child.js', import.meta.url).href;
const compiled = async () => (await import(compiledUrl)) as typeof import('./decode-in-child.ts');
/** Windows has none. */
const hasPipes = spawnSync('mkfifo', ['--version']).status === 0;

function stack(): StackTask {
  const files = [0, 3, 6].map((z, n) => madeSlice({ instance: n + 1, position: [0, 0, z], pixels: [[z, 40_000]] }));
  const sources = files.map((bytes, n) => {
    const path = join(root, `slice-${n}`);
    writeFileSync(path, bytes);
    return { path };
  });
  const [part] = groupSeries(files.map((bytes, file) => ({ ...readHeader(bytes, 'x'), file })));
  return { sources, slices: part!.slices, plan: part!.plan! };
}

describe.skipIf(!isSetUp)('the decoding child', () => {
  test('gives what decoding in this process gives, prepared or not', async () => {
    const { childDecoder } = await compiled();
    const wanted = await decodeDicom(stack());
    expect(await childDecoder.decode(stack())).toEqual(wanted);
    childDecoder.prepare?.();
    expect(await childDecoder.decode(stack())).toEqual(wanted);
  }, 30_000);

  test('hands on the named error of a damaged file', async () => {
    const { childDecoder } = await compiled();
    const task = stack();
    writeFileSync(task.sources[1]!.path, 'no DICOM');
    await expect(childDecoder.decode(task)).rejects.toMatchObject({ code: 'dicom/not-dicom' });
  }, 30_000);

  test.skipIf(!hasPipes)(
    'is stopped where a slice never comes',
    async () => {
      const { childDecoder } = await compiled();
      const pipe = join(root, 'pipe'); // nobody ever writes into it
      spawnSync('mkfifo', [pipe]);
      expect(existsSync(pipe)).toBe(true);
      const task = stack();
      const waiting = childDecoder.decode({ ...task, sources: [{ path: pipe }, ...task.sources.slice(1)] });
      await expect(waiting).rejects.toMatchObject({ code: 'dicom/decoder-died' });
    },
    30_000,
  );

  test.skipIf(!hasPipes)(
    'leaves no voxels behind where its parent is killed',
    async () => {
      const pipe = join(root, 'another-pipe');
      spawnSync('mkfifo', [pipe]);
      const task = stack();
      const temporary = join(root, 'temporary');
      mkdirSync(temporary);
      const script = `import { childDecoder } from ${JSON.stringify(compiledUrl)};
        await childDecoder.decode(${JSON.stringify({ ...task, sources: [{ path: pipe }, ...task.sources.slice(1)] })});`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TMPDIR: temporary },
        stdio: 'ignore',
      });
      await vi.waitFor(() => expect(readdirSync(temporary).length).toBe(1), 10_000);
      await new Promise((resolve) => setTimeout(resolve, 1000)); // the child has its order
      parent.kill('SIGKILL');
      await vi.waitFor(() => expect(readdirSync(temporary)).toEqual([]), 10_000);
      writeFileSync(pipe, ''); // lets the reader's thread end
    },
    40_000,
  );
});
