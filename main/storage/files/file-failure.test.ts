import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { touching } from './file-failure.ts';
import { readFileBytes } from './read-file.ts';
import { writeFileAtomically } from './write-file.ts';

const root = temporaryFolder();
const code = (value: string) => expect.objectContaining({ code: value });

describe('failures of files', () => {
  test.skipIf(!existsSync('/dev/full'))('a full disk is said to be one', async () => {
    await expect(touching('results', () => writeFile('/dev/full', 'x'))).rejects.toThrow(code('storage/disk-full'));
  });

  test('a file where a folder should be, and the reverse', async () => {
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'folder'));
    await expect(writeFileAtomically(join(root, 'file', 'x'), '')).rejects.toThrow(code('storage/not-a-folder'));
    await expect(readFileBytes(join(root, 'folder'), 'scan')).rejects.toThrow(code('storage/not-a-file'));
    await expect(readFileBytes(join(root, 'absent'), 'scan')).rejects.toThrow(code('storage/not-found'));
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('no permission', async () => {
    mkdirSync(join(root, 'closed'));
    chmodSync(join(root, 'closed'), 0o500);
    await expect(writeFileAtomically(join(root, 'closed', 'x'), '')).rejects.toThrow(code('storage/no-permission'));
  });

  test('a bug stays a bug', async () => {
    const bug = new TypeError('x');
    await expect(touching('here', () => Promise.reject(bug))).rejects.toBe(bug);
  });
});

test('a file is replaced whole, and a failure leaves the old one and no draft', async () => {
  const path = join(root, 'kept', 'a.json');
  await writeFileAtomically(path, 'old');
  await expect(writeFileAtomically(path, JSON.parse('{}'))).rejects.toThrow();
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(join(root, 'kept'))).toEqual(['a.json']);
});
