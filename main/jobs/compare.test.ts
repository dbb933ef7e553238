import { describe, expect, test } from 'vitest';
import { type ComparisonCell, comparisonSchema } from '../../contract/comparison.ts';
import { minutesPlot } from '../storage/pages/comparison-plot.ts';
import { cellsOf, drawScans, select, shardOf } from './compare.ts';
import { comparisonTable } from './comparison-table.ts';
import { emptyTally } from './evaluate-case.ts';
import { type CellPlan, isOutcomeOf } from './finished-cell.ts';
import { summariseComparison } from './summarise-comparison.ts';
import { summarise } from './summarise-evaluation.ts';
import { parseRecipe } from './training-recipe.ts';

const cases = Array.from({ length: 30 }, (_, n) => ({
  name: `scan_${String(n + 1).padStart(3, '0')}`,
  imagePaths: [],
  labelPath: '',
}));
const names = (chosen: readonly { readonly name: string }[]) => chosen.map(({ name }) => name);

describe('draws of training scans', () => {
  test('are nested over numbers of scans, differ over seeds, and do not know the arm', () => {
    const [two, five] = [drawScans(cases, { scans: 2, seed: 0 }), drawScans(cases, { scans: 5, seed: 0 })];
    expect(names(five).slice(0, 2)).toEqual(names(two));
    expect(new Set(names(five)).size).toBe(5);
    expect(names(drawScans(cases, { scans: 5, seed: 1 }))).not.toEqual(names(five));
  });

  test('choose by position and by name, in name order, and say what they do not find', () => {
    expect(names(select(cases, '2-3,scan_010,1'))).toEqual(['scan_001', 'scan_002', 'scan_003', 'scan_010']);
    for (const selection of ['31-40', 'scan_099', '', 'x']) {
      expect(() => select(cases, selection)).toThrow(expect.objectContaining({ code: 'compare/selection' }));
    }
  });
});

test('shards share the cells without loss or repeat', () => {
  const cells = cellsOf({ methods: ['ri', 'dwp', 'pr'], scans: [2, 5], seeds: [0, 1, 2] });
  expect(cells.length).toBe(18);
  const parts = [0, 1, 2, 3].map((part) => shardOf(cells, { part, of: 4 }));
  expect(parts.flat().length).toBe(18);
  expect(new Set(parts.flat()).size).toBe(18);
});

const cell = (arm: string, seed: number, dice: readonly number[]): ComparisonCell => {
  const structures = [{ name: 'part', label: 1 }];
  const judged = dice.map((value, n) => ({
    name: `case ${n}`,
    structures: [
      {
        name: 'part',
        label: 1,
        dice: value,
        iou: value,
        hd95Mm: 1,
        assdMm: 1,
        volumeMl: 1,
        trueVolumeMl: 1,
        intervalHoldsTruth: n % 2 === 0,
      },
    ],
  }));
  return {
    version: 1,
    arm,
    scans: 10,
    seed,
    budget: { steps: 100 },
    trainedOn: [],
    samples: 2,
    settings: {},
    prior: null,
    cases: judged,
    summary: summarise(emptyTally(structures), judged),
    training: { steps: 100, elapsedMs: 1, curves: [] },
    predictionMs: 1,
    peakMemoryBytes: 1,
    compute: {},
    finishedAt: '',
  };
};

test('a finished cell stands as long as everything that its arm uses is the same', () => {
  const keyOf = (data: unknown) => JSON.stringify(data);
  const settings = parseRecipe({ beta: 0.02 });
  const plan = (arm: 'ri' | 'dwp', changes: Partial<CellPlan> = {}): CellPlan => ({
    cell: { arm, scans: 2, seed: 1 },
    budget: { steps: 100 },
    training: ['a', 'b'],
    test: ['c'],
    samples: 19,
    calibrate: false,
    prior: 'p',
    settings,
    ...changes,
  });
  const finished = (arm: 'ri' | 'dwp') => ({
    ...cell(arm, 1, [0.8]),
    scans: 2,
    trainedOn: ['a', 'b'],
    samples: 19,
    settings: { ...settings },
    prior: arm === 'ri' ? null : 'p',
    cases: [{ name: 'c', structures: [] }],
  });
  const stands = (arm: 'ri' | 'dwp', changes: Partial<CellPlan>) =>
    isOutcomeOf(finished(arm), plan(arm, changes), keyOf);
  expect([stands('ri', {}), stands('dwp', {})]).toEqual([true, true]);
  const other = { settings: parseRecipe({ beta: 0.03 }) };
  expect([stands('ri', other), stands('dwp', other)]).toEqual([true, false]);
  expect(stands('dwp', { calibrate: true })).toBe(false);
  expect([stands('ri', { prior: 'q' }), stands('dwp', { prior: 'q' })]).toEqual([true, false]);
  for (const changes of [{ test: ['d'] }, { training: ['a'] }, { samples: 8 }, { budget: { steps: 99 } }])
    expect(stands('ri', changes)).toBe(false);
});

describe('the summary', () => {
  const noise = [0.1, -0.1, 0.05, -0.05, 0.02, -0.02];
  const cells = [0, 1, 2].flatMap((seed) => [
    cell(
      'ri',
      seed,
      noise.map((x) => 0.7 + x),
    ),
    cell(
      'dwp',
      seed,
      noise.map((x) => 0.75 + x),
    ),
  ]);

  test('holds means with intervals, and paired differences that are sharper than the means', () => {
    const comparison = summariseComparison(cells);
    comparisonSchema.parse(comparison);
    const { ri, dwp } = comparison.summary;
    expect(ri!['10']).toMatchObject({ draws: 3, intervalCoverage: 0.5, hd95Mm: 1 });
    expect(ri!['10']!.mean).toBeCloseTo(0.7, 9);
    expect(dwp!['10']!.low).toBeLessThan(0.72);
    const difference = comparison.differences['dwp-ri']!['10']!;
    expect(difference.mean).toBeCloseTo(0.05, 9);
    expect(difference.low).toBeGreaterThan(0.049);
    expect(difference.p).toBeLessThan(0.01);
    expect(Object.keys(comparison.differences)).toEqual(['dwp-ri']);
  });

  test('pairs scans by name, and refuses arms that were judged on others', () => {
    const turned = cells.map((one) => (one.arm === 'ri' ? { ...one, cases: [...one.cases].reverse() } : one));
    expect(summariseComparison(turned).differences).toEqual(summariseComparison(cells).differences);
    const others = cells.map((one) => (one.arm === 'ri' ? { ...one, cases: one.cases.slice(1) } : one));
    expect(() => summariseComparison(others)).toThrow('different test scans');
  });

  test('of one draw there is no p, which would not know how draws differ', () => {
    const [row] = Object.values(summariseComparison(cells.filter(({ seed }) => seed === 0)).differences['dwp-ri']!);
    expect(row).toMatchObject({ draws: 1, p: null, mean: expect.closeTo(0.05, 9) });
  });

  test('puts equal steps first, other budgets after', () => {
    const timed = cells.map((one) => ({ ...one, budget: { minutes: 2 } }));
    const { budget, otherBudgets } = summariseComparison([...timed, ...cells]);
    expect([budget, ...otherBudgets.map((other) => other.budget)]).toEqual(['100 steps', '2 minutes']);
  });

  test('is drawn as a table with every arm', () => {
    const table = comparisonTable(summariseComparison(cells));
    expect(table).toContain('| dwp | 10 | 3 | 0.7500');
    expect(table).toContain('+0.0500');
    expect(table).toContain('| dwp | 10 | 0.7500 | 1.00 | 1.000 |'); // IoU, HD95, ASSD as the cells have them
    expect(table).toContain('| 0.500 (0.'); // every other interval holds
  });

  test('is drawn over minutes where there are two budgets of them', () => {
    const timed = (minutes: number) => cells.map((one) => ({ ...one, budget: { minutes } }));
    expect(minutesPlot(summariseComparison([...cells, ...timed(1)]))).toBeUndefined();
    const svg = minutesPlot(summariseComparison([...cells, ...timed(1), ...timed(4)]))!;
    for (const word of ['DWP', 'RI', '10 scans', 'minutes']) expect(svg).toContain(word);
  });
});
