import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';

const compiled = fileURLToPath(new URL('../../../dist/main/storage/files/write-file.js', import.meta.url));

it.skipIf(process.platform === 'win32' || !existsSync(compiled))(
  'a stream that the disk has no room for leaves the old file as it was, and an error',
  () => {
    const folder = temporaryFolder();
    const path = join(folder, 'labels');
    writeFileSync(path, 'old');
    const script = `
      process.on('SIGXFSZ', () => {});
      const { writeFileAtomically } = await import(${JSON.stringify(compiled)});
      const part = new Uint8Array(1000).fill(7);
      await writeFileAtomically(${JSON.stringify(path)}, [part, part, part, part, part].values()).then(
        () => console.log('written'),
        (error) => console.log(error.code ?? error.message),
      );`;
    // no file of this process may be longer than some blocks: as where a disk is full
    const { stdout } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 3; exec "$0" --input-type=module -e "$1"', process.execPath, script],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout.trim()).not.toBe('');
    expect(stdout).not.toContain('written');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['labels']);
  },
);
