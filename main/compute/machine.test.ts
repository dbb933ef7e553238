import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../tests/temporary-folder.ts';
import { availableMemoryBytes, checkpointSeconds } from './machine.ts';

const root = temporaryFolder();
let trees = 0;
function treeOf(files: Readonly<Record<string, string>>): string {
  const tree = join(root, `t${trees++}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return tree;
}
const meminfo = { 'proc/meminfo': 'MemTotal:  9000000 kB\nMemAvailable:  8000000 kB\n' };

test('available memory is what the system or the control group leaves, and what is held already, less the reserve', () => {
  expect(availableMemoryBytes(treeOf(meminfo), 1e9)).toBe(8000000 * 1024 + 1e9 - 512e6);
  const limited = {
    ...meminfo,
    'sys/fs/cgroup/memory.max': '4000000000\n',
    'sys/fs/cgroup/memory.current': '1000000000\n',
  };
  expect(availableMemoryBytes(treeOf(limited), 0)).toBe(3e9 - 512e6);
  const unlimited = { ...meminfo, 'sys/fs/cgroup/memory.max': 'max\n', 'sys/fs/cgroup/memory.current': '1\n' };
  expect(availableMemoryBytes(treeOf(unlimited), 0)).toBe(8000000 * 1024 - 512e6);
  const full = { ...meminfo, 'sys/fs/cgroup/memory.max': '2000\n', 'sys/fs/cgroup/memory.current': '1000\n' };
  expect(availableMemoryBytes(treeOf(full), 0)).toBe(0);
});

test('a control group over its limit leaves nothing more; file pages that nobody uses do not count as used', () => {
  const over = {
    ...meminfo,
    'sys/fs/cgroup/memory.max': '1000000000\n',
    'sys/fs/cgroup/memory.current': '1000000001\n',
  };
  expect(availableMemoryBytes(treeOf(over), 2e9)).toBe(2e9 - 512e6);
  const cached = { ...over, 'sys/fs/cgroup/memory.stat': 'anon 5\ninactive_file 600000001\nactive_file 7\n' };
  expect(availableMemoryBytes(treeOf(cached), 2e9)).toBe(2e9 + 600000000 - 512e6);
});

test('the time between checkpoints is a number of seconds, else its default', () => {
  expect([undefined, '', 'soon', '-1', '0', '1.5'].map(checkpointSeconds)).toEqual([20, 20, 20, 20, 0, 1.5]);
});
