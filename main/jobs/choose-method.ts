import type { Method } from '../../contract/model.ts';
import { posteriorMean } from '../numerics/posteriors/posterior-mean.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { folds, hashesOfHalves, type LocalScans, prepareHalves, scaledBudget } from './cross-validation.ts';
import { networkFigures } from './network-figures.ts';
import type { JobContext, Ports, StoredPrior } from './ports.ts';
import { trainModel } from './train-model.ts';
import type { Budget } from './training-run.ts';

/** What `auto` chooses among; the first is taken where none is clearly better, for it alone says where it is unsure. */
export const candidates = ['dwp', 'pr', 'ri'] as const satisfies readonly Method[];
type Candidate = (typeof candidates)[number];

/** Of the budget; the rest goes to the trainings that are compared, the same part to each. */
export const finalShare = 1 / 3;

/** What a choice rests on; kept with the model. */
export interface MethodChoice {
  readonly chosen: Candidate;
  readonly folds: number;
  readonly trialBudget: Budget;
  readonly elapsedMs: number;
  readonly methods: readonly {
    readonly method: Candidate;
    /** Mean over all scans, each judged by a network that had not seen it. */
    readonly dice: number;
    /** Of the paired differences to the first candidate over the scans. */
    readonly difference: number;
    readonly standardError: number;
  }[];
}

export interface ChoiceTask extends LocalScans {
  readonly prior: StoredPrior;
  /** Of the whole. */
  readonly budget: Budget;
}

/** The part of a budget that the chosen method gets. */
export const finalBudget = (budget: Budget): Budget => scaledBudget(budget, finalShare);

/**
 * Chooses how to adapt by cross-validation on the local scans: each candidate is trained on each half and judged on the other, with the mean of
 * its posterior. The first candidate is kept unless another's mean paired difference is above its standard error. Goes on after the last training that ended;
 * its run is to be finished once the outcome is kept.
 */
export async function chooseMethod(
  ports: Ports,
  context: JobContext,
  task: ChoiceTask,
): Promise<{ readonly choice: MethodChoice; readonly runKey: string }> {
  const { prior, recipe, budget, seed } = task;
  const trialBudget = scaledBudget(budget, (1 - finalShare) / (candidates.length * folds));
  const halves = await prepareHalves(ports, context, task);
  const runKey = ports.runs.keyOf({
    job: 'choose-method',
    scans: hashesOfHalves(halves),
    prior: prior.sha256,
    recipe,
    budget,
    seed,
  });
  const saved = await ports.runs.loadCheckpoint(runKey);
  const judged = { ...(saved?.state['judged'] as Readonly<Record<string, readonly number[]>> | undefined) }; // as saved below
  let elapsedMs = (saved?.state['elapsedMs'] as number | undefined) ?? 0;
  for (const [fold, { prepared }] of halves.entries())
    for (const method of candidates) {
      if (judged[`${method} ${fold}`]) continue;
      const startedMs = ports.machine.nowMs();
      const { posterior, runKeys } = await trainModel(ports, context, {
        ...prepared,
        heldOut: [],
        method,
        prior,
        recipe,
        budget: trialBudget,
        seed,
        key: derive(rootKey(seed), 'choose-method', fold),
        title: `choosing a method: ${method}, fold ${fold + 1} of ${folds}`,
      });
      const weights = posteriorMean(prepared.net, posterior);
      try {
        const dice: number[] = [];
        for (const one of prepared.heldOut) {
          const breathe = () => context.breathe('choosing a method');
          dice.push((await networkFigures(prepared.net, weights, [one], { plan: prepared.plan, breathe })).dice);
        }
        judged[`${method} ${fold}`] = dice;
      } finally {
        weights.kernels.dispose();
        weights.points.dispose();
      }
      elapsedMs += ports.machine.nowMs() - startedMs;
      await ports.runs.saveCheckpoint(runKey, { arrays: {}, state: { judged, elapsedMs } });
      for (const key of runKeys) await ports.runs.finish(key, { job: 'choose-method', method, fold });
    }
  const diceOf = (method: Candidate) => Array.from({ length: folds }, (_, fold) => judged[`${method} ${fold}`]!).flat(); // each was judged above
  const first = diceOf(candidates[0]);
  const methods = candidates.map((method) => {
    const dice = diceOf(method);
    return { method, dice: mean(dice), ...pairedDifference(dice, first) };
  });
  return { choice: { chosen: clearlyBest(methods), folds, trialBudget, elapsedMs, methods }, runKey };
}

/** The first of the candidates, or the best of those that are better than it by more than a standard error. */
export function clearlyBest(methods: MethodChoice['methods']): Candidate {
  const better = methods.filter(({ difference, standardError }) => difference > standardError);
  return better.reduce((best, one) => (one.dice > best.dice ? one : best), methods[0]!).method;
}

export function pairedDifference(
  ours: readonly number[],
  theirs: readonly number[],
): { readonly difference: number; readonly standardError: number } {
  const differences = ours.map((value, n) => value - theirs[n]!);
  const difference = mean(differences);
  const variance = differences.reduce((sum, one) => sum + (one - difference) ** 2, 0) / (differences.length - 1);
  return { difference, standardError: Math.sqrt(variance / differences.length) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
