import type { ComparisonCell } from '../../contract/comparison.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import { type Method, methodSchema } from '../../contract/model.ts';
import type { RunStore } from './ports.ts';
import { budgetName } from './summarise-comparison.ts';
import type { Recipe } from './training-recipe.ts';

/** What decides the outcome of a cell, as its record says it. */
export type CellFacts = Pick<
  ComparisonCell,
  'arm' | 'scans' | 'seed' | 'budget' | 'trainedOn' | 'samples' | 'settings' | 'prior'
> & { readonly testOn: readonly string[] };

/** A cell with its place, for messages. */
export interface PlacedCell {
  readonly path: string;
  readonly facts: CellFacts;
}

/** Which arms read a setting of the recipe. A comparison gives its own budget, so nothing reads `steps`. */
const readers: Readonly<Record<keyof Recipe, readonly Method[]>> = {
  batch: methodSchema.options,
  rate: methodSchema.options,
  steps: [],
  size: methodSchema.options,
  pool: methodSchema.options,
  augmentation: methodSchema.options,
  members: ['ensemble'],
  decay: ['ri', 'ensemble'],
  pull: ['l2sp'],
  beta: ['dwp'],
  noise: ['dwp'],
  slicesPerStep: ['dwp'],
  start: ['dwp'],
  startDeviation: ['dwp'],
  posteriorScale: ['dwp'],
};

export const factsOf = (cell: ComparisonCell): CellFacts => ({ ...cell, testOn: cell.cases.map(({ name }) => name) });

/** Whether the arm starts from the prior's record: RI and its ensemble do not. */
export const usesPrior = (arm: Method): boolean => arm !== 'ri' && arm !== 'ensemble';

/**
 * What decides the outcome of a cell, and nothing else: a setting that the arm does not read is left out, so that a new setting
 * of one arm leaves the finished cells of the others as they are.
 */
export function identityOf(facts: CellFacts): Readonly<Record<string, unknown>> {
  const { arm, scans, seed, budget, trainedOn, testOn, samples, prior } = facts;
  return { arm, scans, seed, budget, trainedOn, testOn, samples, prior, settings: settingsRead(facts) };
}

/**
 * Refuses cells that one table cannot hold: under one budget all arms share test scans, samples and the common settings; draws
 * of one arm share all that it reads. @throws AppError `compare/mixed-cells`
 */
export function refuseMixed(cells: readonly PlacedCell[], keyOf: RunStore['keyOf']): void {
  const first = new Map<string, PlacedCell>();
  for (const cell of cells) {
    const { arm, budget, testOn, samples, prior } = cell.facts;
    const settings = settingsRead(cell.facts);
    const shared = Object.entries(settings).filter(([name]) => isShared(name));
    const questions = [
      ['the test scans', 'all', testOn],
      ['the number of samples', 'all', samples],
      ['settings that all methods share', 'all', Object.fromEntries(shared)],
      [`the settings of ${arm}`, arm, settings],
      [`the prior of ${arm}`, arm, prior],
    ] as const;
    for (const [what, who, value] of questions) {
      const group = [budgetName(cell.facts), who, what].join();
      const other = first.get(group + keyOf(value)) ?? first.get(group);
      if (!other) first.set(group, cell).set(group + keyOf(value), cell);
      else if (!first.has(group + keyOf(value)))
        throw new AppError('compare/mixed-cells', { first: other.path, second: cell.path, what });
    }
  }
}

/** Settings of the recipe that the arm reads; of an arm that this version does not know, all. */
function settingsRead({ arm, settings }: CellFacts): Readonly<Record<string, unknown>> {
  const known = methodSchema.safeParse(arm).data;
  const isRead = (name: string): boolean => known === undefined || (readersOf(name)?.includes(known) ?? true);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isRead(name)));
}

const readersOf = (name: string): readonly Method[] | undefined =>
  (readers as Readonly<Record<string, readonly Method[]>>)[name]; // records of other versions may hold other names

const isShared = (name: string): boolean => readersOf(name)?.length === methodSchema.options.length;
