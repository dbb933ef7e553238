import type { Comparison, ComparisonCell, ComparisonTable } from '../../contract/comparison.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import { bootstrapDifference, bootstrapMean, holm } from '../numerics/metrics/bootstrap.ts';
import { meanOfDefined as mean } from '../numerics/metrics/moments.ts';
import { derive, type RandomKey, rootKey } from '../numerics/tensors/random.ts';

/** Whom an arm is measured against: each pair once. */
const rivalsOf = (arm: string): readonly string[] => (arm === 'ri' ? [] : arm === 'pr' ? ['ri'] : ['ri', 'pr']);

/** Means with 95 % bootstrap intervals over training draws and test cases, and paired differences to the plain and the pretrained network. */
export function summariseComparison(cells: readonly ComparisonCell[]): Comparison {
  const budgets = [...groupBy(cells, budgetName)].sort(([, [a]], [, [b]]) => order(a!) - order(b!));
  const [first, ...otherBudgets] = budgets.map(([budget, ofBudget]) => tableOf(budget, ofBudget));
  const table = first ?? { budget: '', summary: {}, differences: {} };
  return { version: 3, runs: [...cells], ...table, otherBudgets };
}

/** Equal steps before equal minutes, the shorter before the longer. */
const order = ({ budget }: ComparisonCell): number => ('steps' in budget ? budget.steps : 1e9 + budget.minutes);

function tableOf(budget: string, cells: readonly ComparisonCell[]): ComparisonTable {
  const table: ComparisonTable = { budget, summary: {}, differences: {} };
  for (const [arm, ofArm] of groupBy(cells, (cell) => cell.arm)) {
    for (const [scans, draws] of groupBy(ofArm, (cell) => String(cell.scans))) {
      entryOf(table.summary, arm)[scans] = rowOf(draws, derive(rootKey(0), budget, arm, scans));
      for (const rival of rivalsOf(arm)) {
        const pairs = draws.flatMap((cell) => {
          const other = cells.find((one) => one.arm === rival && one.scans === cell.scans && one.seed === cell.seed);
          return other ? [pairedDice(cell, other)] : [];
        });
        if (pairs.length === 0) continue;
        const difference = bootstrapDifference(pairs, derive(rootKey(0), budget, arm, rival, scans));
        const p = pairs.length > 1 ? difference.p : null; // one draw does not show how draws differ
        entryOf(table.differences, `${arm}-${rival}`)[scans] = { ...difference, p, draws: pairs.length };
      }
    }
  }
  return { ...table, differences: corrected(table.differences) };
}

/** Each p as Holm corrects it for all differences of a table that have one. */
function corrected(differences: ComparisonTable['differences']): ComparisonTable['differences'] {
  const rows = Object.values(differences).flatMap((counts) => Object.values(counts));
  const tested = rows.filter(({ p }) => p !== null);
  const adjusted = new Map(holm(tested.map(({ p }) => p!)).map((p, n) => [tested[n]!, p]));
  return Object.fromEntries(
    Object.entries(differences).map(([pair, counts]) => [
      pair,
      Object.fromEntries(
        Object.entries(counts).map(([scans, row]) => [scans, { ...row, p: adjusted.get(row) ?? null }]),
      ),
    ]),
  );
}

function rowOf(draws: readonly ComparisonCell[], key: RandomKey): ComparisonTable['summary'][string][string] {
  const average = (figure: (cell: ComparisonCell) => number | null) => mean(draws.map(figure));
  return {
    ...bootstrapMean(
      draws.map((cell) => diceLike(draws[0]!, cell)),
      key,
    ),
    draws: draws.length,
    hd95Mm: average(({ summary: { structures } }) => mean(structures.map(({ hd95Mm }) => hd95Mm))),
    intervalCoverage: average((cell) => cell.summary.intervalCoverage),
    ece: average((cell) => cell.summary.ece),
    auroc: average((cell) => cell.summary.auroc.predictiveEntropy),
  };
}

/** `1000 steps` or `4 minutes`. */
export const budgetName = ({ budget }: ComparisonCell): string =>
  'steps' in budget ? `${budget.steps} steps` : `${budget.minutes} minutes`;

/** Mean Dice of the structures of each case; a structure that is neither there nor predicted counts 1. */
export const caseDice = ({ cases }: ComparisonCell): readonly number[] =>
  cases.map(({ structures }) => structures.reduce((sum, { dice }) => sum + (dice ?? 1), 0) / structures.length);

/** Dice of one arm minus that of the other, case by case. @throws AppError `compare/other-cases` */
function pairedDice(cell: ComparisonCell, other: ComparisonCell): readonly number[] {
  const own = caseDice(cell);
  return diceLike(cell, other).map((dice, n) => own[n]! - dice);
}

/** Dice of a cell's cases in the order of another's. @throws AppError `compare/other-cases` where they are not the same ones */
function diceLike(first: ComparisonCell, cell: ComparisonCell): readonly number[] {
  const dice = caseDice(cell);
  const diceOf = new Map(cell.cases.map(({ name }, n) => [name, dice[n]!]));
  if (diceOf.size !== first.cases.length || first.cases.some(({ name }) => !diceOf.has(name)))
    throw new AppError('compare/other-cases', { arms: `${first.arm} and ${cell.arm}`, scans: cell.scans });
  return first.cases.map(({ name }) => diceOf.get(name)!);
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** The record under a key, made where there is none yet. */
function entryOf<Value>(record: Record<string, Record<string, Value>>, key: string): Record<string, Value> {
  const entry = record[key] ?? {};
  record[key] = entry;
  return entry;
}
