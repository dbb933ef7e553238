import type { Comparison, ComparisonCell } from '../../contract/comparison.ts';
import { bootstrapMean } from '../numerics/metrics/bootstrap.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';

const rivals = ['ri', 'pr'];

/** Means with 95 % bootstrap intervals over training draws and test cases, and paired differences to the plain and the pretrained network. */
export function summariseComparison(cells: readonly ComparisonCell[]): Comparison {
  const summary: Comparison['summary'] = {};
  const differences: Comparison['differences'] = {};
  for (const [budget, ofBudget] of groupBy(cells, budgetName)) {
    for (const [arm, ofArm] of groupBy(ofBudget, ({ arm }) => arm)) {
      for (const [scans, draws] of groupBy(ofArm, (cell) => String(cell.scans))) {
        const interval = bootstrapMean(draws.map(caseDice), derive(rootKey(0), budget, arm, scans));
        const average = (figure: (cell: ComparisonCell) => number | null) => mean(draws.map(figure));
        entryOf(entryOf(summary, budget), arm)[scans] = {
          ...interval,
          draws: draws.length,
          hd95Mm: average(({ summary: { structures } }) => mean(structures.map(({ hd95Mm }) => hd95Mm))),
          intervalCoverage: average((cell) => cell.summary.intervalCoverage),
          ece: average((cell) => cell.summary.ece),
          auroc: average((cell) => cell.summary.auroc.predictiveEntropy),
        };
        for (const rival of rivals.filter((name) => name !== arm)) {
          const pairs = draws.flatMap((cell) => {
            const other = ofBudget.find(
              (one) => one.arm === rival && one.scans === cell.scans && one.seed === cell.seed,
            );
            return other ? [caseDice(cell).map((dice, n) => dice - caseDice(other)[n]!)] : [];
          });
          if (pairs.length === 0) continue;
          const difference = bootstrapMean(pairs, derive(rootKey(0), budget, arm, rival, scans));
          entryOf(entryOf(differences, budget), `${arm}-${rival}`)[scans] = { ...difference, draws: pairs.length };
        }
      }
    }
  }
  return { version: 1, runs: [...cells], summary, differences };
}

/** `1000 steps` or `4 minutes`. */
export const budgetName = ({ budget }: ComparisonCell): string =>
  'steps' in budget ? `${budget.steps} steps` : `${budget.minutes} minutes`;

/** Mean Dice of the structures of each case; a structure that is neither there nor predicted counts 1. */
export const caseDice = ({ cases }: ComparisonCell): readonly number[] =>
  cases.map(({ structures }) => structures.reduce((sum, { dice }) => sum + (dice ?? 1), 0) / structures.length);

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/** The record under a key, made where there is none yet. */
function entryOf<Value>(record: Record<string, Record<string, Value>>, key: string): Record<string, Value> {
  const entry = record[key] ?? {};
  record[key] = entry;
  return entry;
}
