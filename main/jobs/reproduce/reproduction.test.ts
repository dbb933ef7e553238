import { expect, test } from 'vitest';
import { type Reproduction, type ReproductionRun, reproductionSchema } from '../../../contract/reproduction.ts';
import { reproductionPlot } from '../../storage/pages/reproduction-plot.ts';
import { publishedDiversity, publishedNll, publishedOfflineNll } from './boovae-published.ts';
import { parseBoovaeSettings, settingsOf } from './boovae-settings.ts';
import { reproductionTable } from './reproduction-table.ts';
import { summariseRuns } from './summarise-runs.ts';

const run = (method: string, seed: number, nll: readonly (number | null)[]): ReproductionRun => ({
  version: 1,
  key: `${method} ${seed}`,
  method,
  seed,
  settings: {},
  rows: nll.map((value, n) => ({ tasks: n + 1, nll: value })),
  finished: nll.length === 3,
  elapsedMs: 60_000,
  peakMemoryBytes: 2 ** 30,
  compute: { backend: 'tensorflow', device: 'cpu', threads: 1, precision: 'float32', versions: {} },
  appVersion: '1.2.3',
  updatedAt: '',
});
const runs = [run('boo', 0, [10, 20, 30]), run('boo', 1, [14, 22]), run('mog', 0, [11, null])];

test('a summary holds mean and deviation over the seeds that are there', () => {
  const summary = summariseRuns(runs, { count: 'tasks', measure: 'nll' });
  expect(summary).toEqual({
    boo: {
      1: { mean: 12, standardDeviation: Math.sqrt(8), seeds: 2 },
      2: { mean: 21, standardDeviation: Math.sqrt(2), seeds: 2 },
      3: { mean: 30, standardDeviation: null, seeds: 1 },
    },
    mog: { 1: { mean: 11, standardDeviation: null, seeds: 1 } },
  });
});

test('tables and plots are drawn from the JSON, published figures beside ours', () => {
  const all = [...runs, run('ewc', 0, [12, 21, 30.01])];
  const reproduction: Reproduction = {
    version: 1,
    experiment: 'boovae-mnist',
    measure: 'NLL',
    counts: 'number of tasks',
    quick: false,
    settings: { data: 'mnist' },
    summary: summariseRuns(all, { count: 'tasks', measure: 'nll' }),
    further: {},
    published: { NLL: { boo: { '2': 100.11 }, standard: { '2': 343.54 } } },
    runs: all,
  };
  const read = reproductionSchema.parse(JSON.parse(JSON.stringify(reproduction)));
  const table = reproductionTable(read);
  expect(table).toContain('| boo | 12.00 (2.83; 2) | 21.00 (1.41; 2) [100.11] | 30.00 (-; 1) |');
  expect(table).toContain('| mog | 11.00 (-; 1) | - | - |');
  expect(table).toContain('mog, seed 0: 1.0 minutes, 1.0 GiB, cpu, 1 threads, Fewscan 1.2.3, not finished (2 rows)');
  const plot = reproductionPlot(read);
  const count = (mark: RegExp) => plot.match(mark)?.length;
  expect(plot).toContain('<svg');
  const heights = [...plot.matchAll(/<text[^>]*translate\([\d.]+,([\d.]+)\)[^>]*>(boo|ewc)</g)].map(([, y]) =>
    Number(y),
  );
  expect(heights.length).toBe(2);
  expect(Math.abs(heights[0]! - heights[1]!)).toBeGreaterThan(10); // names do not lie on each other
  expect(count(/<circle[^>]*r="3"/g)).toBe(7); // ours
  expect(count(/<circle[^>]*r="5"/g)).toBe(1); // theirs, of the methods that ran
});

test('a quick form says that its figures say nothing', () => {
  const quick = { version: 1, experiment: 'x', measure: 'NLL', counts: 'tasks', quick: true, settings: {} } as const;
  expect(reproductionTable({ ...quick, summary: {}, further: {}, published: {}, runs: [] })).toContain('say nothing');
});

test('published figures stand as printed', () => {
  expect(publishedNll.mnist['boo']).toMatchObject({ '2': 100.11, '5': 132.08, '10': 142.92 });
  expect(publishedNll.fashion['boo+ewc']).toMatchObject({ '2': 229.81, '5': 253.26, '10': 256.58 });
  expect(publishedNll.mnist['standard']).toEqual({ '2': 343.54, '5': 197.02, '10': 186.79 });
  expect(publishedDiversity.fashion['boo']).toEqual({ '10': 0.06 });
  expect(publishedOfflineNll.mnist['vamp']).toMatchObject({ '10': 90.39, '500': 88.82 });
});

test('settings that a method does not use do not make another run of it', () => {
  const [one, other] = [{}, { components: 7, elastic: 3, elasticBoosted: 2 }].map((changes) =>
    parseBoovaeSettings('boovae', 'mnist', changes),
  );
  expect(settingsOf('standard', one!)).toEqual(settingsOf('standard', other!));
  for (const method of ['mog', 'boo', 'ewc', 'boo+ewc'] as const)
    expect(settingsOf(method, one!)).not.toEqual(settingsOf(method, other!));
});

test.each([
  ['unknown', { nonsense: 1 }],
  ['of the wrong kind', { rate: 'fast' }],
  ['out of range', { componentDraws: 3 }],
  ['that do not fit together', { components: 40 }],
  ['with a warm-up beyond the end', { epochs: 30, warmUp: 31, components: 2 }],
  ['with an empty clamp', { logVarianceRange: [2, 2] }],
])('settings %s are refused before hours are spent', (_, changes) => {
  expect(() => parseBoovaeSettings('boovae', 'mnist', changes)).toThrow(
    expect.objectContaining({ code: 'reproduce/settings' }),
  );
});
