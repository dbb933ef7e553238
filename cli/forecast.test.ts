import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isSetUp, runFewscan } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const demo = join(import.meta.dirname, '../resources/demo');

test.skipIf(!isSetUp)(
  'a forecast counts what calibrating adds: training again, and predicting the halves',
  async () => {
    const expectedMs = async (...more: string[]): Promise<number> => {
      const adapting = [
        'adapt',
        '--images',
        demo,
        '--prior',
        'hippocampus-synthetic',
        '--name',
        'never',
        '--minutes',
        '1',
      ];
      const asked = [...adapting, '--hold-out', '0', '--forecast', '--json', ...more];
      const { status, stdout, stderr } = await runFewscan(asked, join(root, 'home'));
      expect(status, stderr).toBe(0);
      return (JSON.parse(stdout) as { expectedMs: number }).expectedMs;
    };
    const added = (await expectedMs('--calibrate')) - (await expectedMs());
    expect(added).toBeGreaterThan(65_000); // a minute, and 19 samples of ten scans
  },
  120_000,
);
