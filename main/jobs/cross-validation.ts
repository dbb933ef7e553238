import { AppError } from '../../contract/errors/app-error.ts';
import { derive, rootKey, shuffled } from '../numerics/tensors/random.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports } from './ports.ts';
import { type PreparedTraining, prepareTraining } from './prepare-training.ts';
import type { Recipe } from './training-recipe.ts';
import type { Budget } from './training-run.ts';

/** Local scans that are taken apart, trained on and judged in turn. */
export interface LocalScans {
  readonly dataset: LabelledDataset;
  readonly cases: readonly LabelledCase[];
  readonly recipe: Recipe;
  readonly seed: number;
}

/** One half to train on and to be prepared by; the other to judge on. */
export interface Half {
  readonly prepared: PreparedTraining;
  /** As they were read from the data set, in the order of `prepared.heldOut`. */
  readonly heldOut: readonly LabelledCase[];
}

export const folds = 2;
/** Two for each training. */
export const fewestScans = 2 * folds;

/** Each half of the scans once to train on, the halves at random by the seed. @throws AppError `data/too-few-scans` */
export async function prepareHalves(
  ports: Ports,
  context: JobContext,
  { dataset, cases, recipe, seed }: LocalScans,
): Promise<readonly Half[]> {
  if (cases.length < fewestScans)
    throw new AppError('data/too-few-scans', { found: cases.length, needed: fewestScans });
  const order = shuffled(derive(rootKey(seed), 'folds'), cases.length);
  const halves: Half[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const isOut = new Set(order.filter((_, n) => n % folds === fold));
    const heldOut = cases.filter((_, n) => isOut.has(n));
    const training = cases.filter((_, n) => !isOut.has(n));
    halves.push({ prepared: await prepareTraining(ports, context, { dataset, training, heldOut }, recipe), heldOut });
  }
  return halves;
}

/** What tells scans from others in a run's key, half by half. */
export const hashesOfHalves = (halves: readonly Half[]) =>
  halves.map(({ prepared }) => prepared.heldOut.map(({ imageSha256, labelSha256 }) => [imageSha256, labelSha256]));

/** A share of a budget; at least one step. */
export const scaledBudget = (budget: Budget, share: number): Budget =>
  'minutes' in budget ? { minutes: budget.minutes * share } : { steps: Math.max(1, Math.round(budget.steps * share)) };
