import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jobRequests } from '../../../contract/jobs.ts';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { inputFolder, pathsOf, removeInputs, removeStrayInputs } from './job-inputs.ts';

const home = temporaryFolder();
const own = temporaryFolder();
const made = (folder: string): string => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'scan.nii'), 'voxels');
  return folder;
};
const collecting = (...inputs: string[]) => ({ request: jobRequests.collect.parse({ kind: 'collect', inputs }) });

test('only the copies of the app itself are removed', async () => {
  const sent = made(inputFolder(home, 'inbox', 'aabbccdd'));
  const beside = made(inputFolder(home, 'inbox', '11223344'));
  made(own);
  const kept = made(join(home, 'library', 'one'));
  await removeInputs(home, pathsOf(collecting(join(sent, 'scan.nii'), own, kept, join(home, 'inbox'))));
  expect([sent, beside, own, kept].map(existsSync)).toEqual([false, true, true, true]);
});

test('at the start those stay that a job can go on with', async () => {
  const folders = (['paused', 'interrupted', 'failed', 'done', 'cancelled'] as const).map((status) => ({
    status,
    folder: made(inputFolder(home, 'adaptations', status)),
  }));
  const unused = made(inputFolder(home, 'inbox', 'aabbccdd'));
  await removeStrayInputs(
    home,
    folders.map(({ status, folder }) => ({ status, ...collecting(folder) })),
  );
  expect(existsSync(unused)).toBe(false);
  expect(folders.filter(({ folder }) => existsSync(folder)).map(({ status }) => status)).toEqual([
    'paused',
    'interrupted',
    'failed',
  ]);
});
