import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { dicomFile, element, madeSlice, text } from '../../tests/made-dicom.ts';
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

/** A deflated file of one private element of `length` zeros. */
function deflationBomb(length: number): Uint8Array {
  const claim = new Uint8Array(Uint32Array.of(length).buffer);
  const start = [9, 0, 16, 0, ...text('OB'), 0, 0, ...claim];
  const dataSet = Buffer.alloc(start.length + length);
  dataSet.set(start);
  return Uint8Array.from([
    ...dicomFile().subarray(0, 132),
    ...element(2, 0x10, 'UI', text('1.2.840.10008.1.2.1.99')),
    ...deflateRawSync(dataSet, { level: 1 }),
  ]);
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

  test('gives up where it holds more memory than it may: two megabytes that inflate to half a gigabyte', async () => {
    const { openChildDecoder } = await compiled();
    const task = stack();
    writeFileSync(task.sources[1]!.path, deflationBomb(2 ** 29));
    const decoder = openChildDecoder({ allowanceBytes: 3e8 });
    await expect(decoder.decode(task)).rejects.toMatchObject({
      code: 'dicom/decoder-died',
      details: { how: 'more than 0.3 GiB of memory' },
    });
    expect((await decoder.decode(stack())).size, 'the next one has a child of its own').toEqual([2, 1, 3]);
  }, 60_000);

  test.skipIf(!hasPipes)(
    'that nobody needed ends with a parent that ends at once',
    async () => {
      const script = `import { spawnSync } from 'node:child_process';
      import { childDecoder } from ${JSON.stringify(compiledUrl)};
      childDecoder.prepare();
      process.stdout.write(spawnSync('pgrep', ['-P', String(process.pid)]).stdout);
      process.exit(0);`;
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
      expect(stdout).toMatch(/^\d+\n$/);
      await vi.waitFor(() => expect(() => process.kill(Number(stdout), 0)).toThrow('ESRCH'), 10_000);
    },
    30_000,
  );

  test.skipIf(!hasPipes)(
    'leaves neither voxels nor a child behind where its parent is killed',
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
      const children = () =>
        spawnSync('pgrep', ['-P', String(parent.pid)], { encoding: 'utf8' })
          .stdout.split('\n')
          .filter(Boolean);
      await vi.waitFor(() => expect(children().length).toBe(1), 10_000);
      const [child] = children();
      await new Promise((resolve) => setTimeout(resolve, 1000)); // the child has its order, or is about to have it
      expect(readdirSync(temporary)).toEqual([]);
      parent.kill('SIGKILL');
      await vi.waitFor(() => expect(() => process.kill(Number(child), 0)).toThrow('ESRCH'), 10_000);
      expect(readdirSync(temporary)).toEqual([]);
    },
    40_000,
  );
});
