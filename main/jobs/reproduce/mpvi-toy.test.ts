import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jobRequests } from '../../../contract/jobs.ts';
import { reproductionRunSchema, reproductionSchema } from '../../../contract/reproduction.ts';
import { quietContext, testPorts } from '../../../tests/job-ports.ts';
import { temporaryFolder } from '../../../tests/temporary-folder.ts';
import { reproduce } from './reproduce.ts';

const folder = temporaryFolder();
const ports = testPorts(folder);
const run = async (changes: object) =>
  reproduce(
    ports,
    quietContext(),
    jobRequests.reproduce.parse({ kind: 'reproduce', experiment: 'mpvi-toy', out: join(folder, 'out'), ...changes }),
  );
const settings = { components: 3, steps: 400, evidence: 800 };
const read = (name: string) => JSON.parse(readFileSync(join(folder, 'out', name), 'utf8'));

describe('the toy of two groups', () => {
  test('after two components has one Gaussian on each group, and KL falls; each component is kept', async () => {
    const reproduction = await run({ seeds: [0, 1], settings });
    expect(reproductionSchema.parse(read('mpvi-toy.json'))).toEqual(reproduction);
    for (const { method, rows, finished } of reproduction.runs) {
      expect(finished).toBe(true);
      const kl = rows.map((row) => row['kl'] as number);
      expect(kl[1]).toBeLessThan(0.3 * kl[0]!);
      for (const [n, value] of kl.slice(1).entries()) expect(value).toBeLessThan(kl[n]! + 0.005); // noise of the refit
      expect(rows[1]!['groupKl'], method).toBeLessThan(0.2); // at one component per group the two families agree
      expect(rows[1]!['groupWeightError'], method).toBeLessThan(0.08);
    }
    expect(reproduction.summary['lambda']!['2']).toMatchObject({ seeds: 2 });
    expect(readFileSync(join(folder, 'out', 'mpvi-toy.svg'), 'utf8')).toContain('fixed-weight, 2 components');
    expect(readFileSync(join(folder, 'out', 'mpvi-toy.md'), 'utf8')).toContain('| fixed-weight |');
  });

  test('goes on after the last component that was kept, and ends with the same mixture to the bit', async () => {
    const file = join(folder, 'out', 'mpvi-toy', 'fixed-weight-seed-1.json');
    const whole = reproductionRunSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    writeFileSync(file, JSON.stringify({ ...whole, rows: whole.rows.slice(0, 1), finished: false }));
    await run({ seeds: [1], methods: ['fixed-weight'], settings });
    const again = reproductionRunSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect(again.rows).toEqual(whole.rows);
    await run({ seeds: [1], methods: ['fixed-weight'], settings });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(again); // nothing was left to do
  });

  test.each(['factorised', 'low-rank'])('is pursued by %s components too', async (family) => {
    const out = join(folder, family);
    const { runs } = await run({ out, seeds: [0], methods: ['fixed-weight'], settings: { ...settings, family } });
    const kl = runs[0]!.rows.map((row) => row['kl'] as number);
    expect(kl[2]).toBeLessThan(0.5 * kl[0]!);
  });

  test('is drawn anew from the JSON alone', async () => {
    const drawn = await run({ draw: true });
    expect(drawn).toEqual(read('mpvi-toy.json'));
  });

  test.each([
    [{ settings: { componets: 3 } }, 'componets'],
    [{ settings: { steps: 0 } }, 'steps'],
    [{ options: { images: 'x' } }, 'images'],
    [{ methods: ['gradient'] }, 'methods'],
  ])('refuses %j before anything is computed', async (changes, key) => {
    await expect(run(changes)).rejects.toMatchObject({ code: 'reproduce/settings', details: { key } });
  });

  test('refuses an unknown experiment, and drawing where nothing is', async () => {
    await expect(run({ experiment: 'toy' })).rejects.toMatchObject({ code: 'reproduce/no-experiment' });
    await expect(run({ draw: true, out: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'reproduce/no-results',
    });
  });
});
