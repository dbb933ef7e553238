import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reproductionSchema } from '../contract/reproduction.ts';
import { writeMadeDigits } from '../tests/made-digits.ts';
import { writeMadeScans } from '../tests/made-scans.ts';
import { isSetUp, runFewscan } from '../tests/run-fewscan.ts';
import { temporaryFolder } from '../tests/temporary-folder.ts';

const root = temporaryFolder();
const out = join(root, 'out');
const home = join(root, 'home');
const fewscan = (...args: readonly string[]) => runFewscan(args, home);

describe.skipIf(!isSetUp)('experiments with sites and priors, in their quick form', () => {
  const quick = async (name: string, ...options: readonly string[]) => {
    const run = await fewscan('reproduce', name, '--quick', '--json', '--out', out, ...options);
    expect(run.status, run.stderr).toBe(0);
    const again = await fewscan('reproduce', name, '--quick', '--json', '--out', out, '--draw');
    expect(again.stdout).toBe(run.stdout);
    expect(readFileSync(join(out, `${name}-quick.md`), 'utf8')).toContain('its figures say nothing');
    return reproductionSchema.parse(JSON.parse(run.stdout));
  };

  test('site-update: eight methods at two sites, and growth to eight', async () => {
    const { images, labels } = writeMadeScans(join(root, 'scans'), 6);
    const places = ['--images', images, '--labels', labels, '--set', 'trainFrom=1-4', '--set', 'testOn=5-6'];
    const { summary, further } = await quick('site-update', ...places);
    expect(Object.keys(summary).length).toBe(8);
    expect(Object.keys(summary['mpvi']!)).toEqual(['1', '2']);
    const bytes = further['weights, bytes, of a mixture of so many sites']!['growth']!;
    expect(bytes['8']!.mean).toBe(8 * bytes['1']!.mean);
    const refused = await fewscan('reproduce', 'site-update', '--out', out, ...places.slice(0, 4), '--set', 'lamda=1');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('lamda');
  }, 600_000);

  test('prior-update: three methods at two data sets, from snapshots of source nets', async () => {
    const folders = [];
    for (const n of [0, 1]) {
      const { images, labels } = writeMadeScans(join(root, `source-${n}`), 3, 10 * n);
      const folder = join(root, `nets-${n}`);
      const training = ['--members', '2', '--cycles', '1', '--steps-per-cycle', '1', '--seed', String(n)];
      const { status, stderr } = await fewscan(
        'train-source',
        '--images',
        images,
        '--labels',
        labels,
        '--out',
        folder,
        ...training,
      );
      expect(status, stderr).toBe(0);
      folders.push(folder);
    }
    const { summary, further } = await quick('prior-update', '--old', folders[0]!, '--sources', folders[1]!);
    expect(Object.keys(summary)).toEqual(['boo', 'fine-tuning', 'retraining']);
    expect(further['components of the new data set, all groups']!['boo']!['2']!.mean).toBeGreaterThanOrEqual(7);
    const update = [
      '--update',
      'hippocampus-synthetic',
      '--sources',
      folders[1]!,
      '--out',
      'wider',
      '--steps',
      '2',
      '--judged',
      '60',
      '--json',
    ];
    const updated = await fewscan('learn-prior', ...update);
    expect(updated.status, updated.stderr).toBe(0);
    expect(JSON.parse(updated.stdout).report.update).toMatchObject({ of: { name: 'hippocampus-synthetic' }, tasks: 2 });
    const scans = join(root, 'source-0');
    const adapting = ['--images', join(scans, 'images'), '--labels', join(scans, 'labels'), '--prior', 'wider'];
    const adapted = await fewscan('adapt', ...adapting, '--name', 'made', '--steps', '2', '--hold-out', '0');
    expect(adapted.status, adapted.stderr).toBe(0);
  }, 600_000);

  test('dwp-2d: four methods from the same start', async () => {
    const [images, fashion] = ['digits', 'clothes'].map((name) =>
      writeMadeDigits(join(root, name), { train: 1500, test: 300 }),
    );
    const { summary } = await quick('dwp-2d', '--images', images!, '--fashion', fashion!);
    expect(Object.keys(summary)).toEqual(['dwp', 'log-uniform', 'normal', 'deterministic']);
  }, 600_000);
});
