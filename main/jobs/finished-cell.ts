import type { ComparisonCell } from '../../contract/comparison.ts';
import type { Arm } from '../../contract/model.ts';
import { authorsDiceWeight } from '../numerics/tensors/fused/segmentation-loss.ts';
import type { RunStore } from './ports.ts';
import type { Recipe } from './training-recipe.ts';
import type { Budget } from './training-run.ts';

/** What is trained and judged as one unit of work. */
export interface Cell {
  readonly arm: Arm;
  readonly scans: number;
  readonly seed: number;
}

/** Everything that decides what a cell's outcome is. */
export interface CellPlan {
  readonly cell: Cell;
  readonly budget: Budget;
  readonly training: readonly string[];
  readonly test: readonly string[];
  readonly samples: number;
  readonly calibrate: boolean;
  readonly prior: string;
  readonly settings: Recipe;
}

const common = ['batch', 'rate', 'diceWeight', 'size', 'pool', 'augmentation', 'mirror', 'temperature'] as const;
/** What was so before it was a setting. */
const once: Readonly<Record<string, unknown>> = {
  diceWeight: authorsDiceWeight,
  mirror: 0,
  temperature: 1,
  head: 'new',
};
/** Settings that each arm uses beyond the common ones. */
const gaussian = ['head', 'beta', 'noise', 'startDeviation', 'posteriorScale', 'borderDeviation'] as const;
const bayesian = [...gaussian, 'slicesPerStep'] as const;
const own: Readonly<Record<Arm, readonly (keyof Recipe)[]>> = {
  ri: ['decay'],
  pr: ['head'],
  prf: ['head'],
  l2sp: ['head', 'pull'],
  ensemble: ['decay', 'members', 'borderDeviation'],
  'pr-ensemble': ['head', 'members', 'borderDeviation'],
  dwp: [...bayesian, 'start'],
  'dwp-from-pr': [...bayesian],
  lowrank: [...gaussian, 'start', 'covarianceScale'],
  auto: [...bayesian, 'start', 'decay'],
  mpvi: [...bayesian, 'start', 'components', 'lambda', 'defence'],
};

/** Whether a finished cell is what this plan would give: settings that its arm does not use may differ. */
export function isOutcomeOf(finished: ComparisonCell, plan: CellPlan, keyOf: RunStore['keyOf']): boolean {
  const { arm, scans, seed } = plan.cell;
  if (plan.calibrate && finished.intervalCalibration === undefined) return false;
  const names: readonly (keyof Recipe)[] = [...common, ...own[arm]];
  const wanted = [
    [finished.arm, arm],
    [finished.scans, scans],
    [finished.seed, seed],
    [finished.samples, plan.samples],
    [finished.budget, plan.budget],
    [finished.trainedOn, plan.training],
    [finished.cases.map(({ name }) => name), plan.test],
    [finished.prior, usesPrior(arm) ? plan.prior : null],
    ...names.map((name) => [finished.settings[name] ?? once[name], plan.settings[name]]),
  ];
  return wanted.every(([is, should]) => is !== undefined && keyOf(is) === keyOf(should));
}

/** Arms from a random start know no prior. */
export const usesPrior = (arm: Arm): boolean => arm !== 'ri' && arm !== 'ensemble';
