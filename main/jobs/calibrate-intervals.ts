import { AppError } from '../../contract/errors/app-error.ts';
import type { IntervalCalibration, Method, PreprocessingPlan } from '../../contract/model.ts';
import { shownLevel } from '../numerics/inference/structure-summaries.ts';
import { intervalFactor } from '../numerics/metrics/interval-factor.ts';
import { perAxis } from '../numerics/tensors/per-axis.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { folds, type Half, hashesOfHalves, type LocalScans, prepareHalves, scaledBudget } from './cross-validation.ts';
import { readCase } from './labelled-cases.ts';
import type { JobContext, Ports, StoredPrior } from './ports.ts';
import { predictCase } from './predict-case.ts';
import { trainModel } from './train-model.ts';
import type { Budget } from './training-run.ts';

/** Their intervals have the level that is shown. */
export const calibratedSamples = 19;

/** One network each: samples of it are all the same. */
const pointMethods: readonly Method[] = ['ri', 'pr', 'prf', 'l2sp'];

/** @throws AppError `job/no-intervals` */
export function refuseWithoutIntervals(method: Method): void {
  if (pointMethods.includes(method)) throw new AppError('job/no-intervals', { method });
}

export interface CalibrationTask extends LocalScans {
  readonly method: Method;
  readonly prior: StoredPrior | undefined;
  /** Of the model itself; each half is trained for half of it, so that calibrating takes as long again. */
  readonly budget: Budget;
}

/** One structure of a scan that its network had not seen. */
interface Judged {
  readonly interval: { readonly median: number; readonly low: number; readonly high: number };
  readonly truthMl: number;
  readonly leastMl: number;
}

/**
 * How much wider the volume intervals of a model from these scans have to be, found on the scans themselves: networks trained on one half
 * segment the other, and the conformal factor of each structure is taken over all (cross-conformal: Vovk 2015). Intervals are never made
 * narrower: the halves' networks know fewer scans than the model and may doubt more. Undefined where the method gives no intervals. Goes on after
 * the last half that ended; its run is to be finished once the outcome is kept.
 * @throws AppError `data/too-few-scans` before anything is trained
 */
export async function calibrateIntervals(
  ports: Ports,
  context: JobContext,
  task: CalibrationTask,
): Promise<{ readonly calibration: IntervalCalibration; readonly runKey: string } | undefined> {
  const { method, prior, recipe, budget, seed } = task;
  if (pointMethods.includes(method)) return undefined;
  const halves = await prepareHalves(ports, context, task);
  const fieldOfViewMm = commonFieldOfView(halves);
  const halfBudget = scaledBudget(budget, 1 / folds);
  const scans = hashesOfHalves(halves);
  const runKey = ports.runs.keyOf({ job: 'calibrate', scans, method, prior: prior?.sha256, recipe, halfBudget, seed });
  const saved = await ports.runs.loadCheckpoint(runKey);
  const judged = [...((saved?.state['judged'] as readonly (readonly Judged[])[][] | undefined) ?? [])]; // as saved below
  for (const [fold, { prepared, heldOut }] of halves.entries()) {
    if (judged[fold]) continue;
    const { posterior, runKeys } = await trainModel(ports, context, {
      ...prepared,
      heldOut: [],
      method,
      prior,
      recipe,
      budget: halfBudget,
      seed,
      key: derive(rootKey(seed), 'calibrate', fold),
      title: `calibrating intervals: half ${fold + 1} of ${folds}`,
    });
    const cases: (readonly Judged[])[] = [];
    for (const [place, one] of heldOut.entries()) {
      const { sampled, truth, voxelMl } = await predictCase(ports, context, {
        ...prepared,
        plan: { ...prepared.plan, fieldOfViewMm },
        raw: await readCase(ports, one),
        posterior,
        borderDeviation: recipe.borderDeviation,
        temperature: recipe.temperature,
        samples: calibratedSamples,
        title: `to calibrate: scan ${place + 1} of ${heldOut.length}, half ${fold + 1}`,
      });
      cases.push(
        prepared.structures.map(({ label }, structure) => ({
          interval: sampled![structure]!.volumeMl, // there are samples
          truthMl: countOf(truth, label) * voxelMl,
          leastMl: planVoxelMl(prepared.plan),
        })),
      );
    }
    judged[fold] = cases;
    await ports.runs.saveCheckpoint(runKey, { arrays: {}, state: { judged } });
    for (const key of runKeys) await ports.runs.finish(key, { job: 'calibrate', method, fold });
  }
  const all = judged.flat();
  const factors = halves[0]!.prepared.structures.map((_, place) =>
    intervalFactor(
      all.map((structures) => structures[place]!),
      shownLevel,
    ),
  );
  const calibration = {
    folds,
    scans: all.length,
    level: factors[0]!.level,
    factors: factors.map(({ factor }) => Math.max(1, factor)),
  };
  return { calibration, runKey };
}

/** Of both halves: each is to be segmented by the other's network. */
function commonFieldOfView(halves: readonly Half[]): PreprocessingPlan['fieldOfViewMm'] {
  const plans = halves.map(({ prepared }) => prepared.plan.fieldOfViewMm);
  return {
    low: [...perAxis((axis) => Math.min(...plans.map(({ low }) => low[axis])))],
    high: [...perAxis((axis) => Math.max(...plans.map(({ high }) => high[axis])))],
  };
}

/** Sampled volumes are sums of voxels of the plan's grid. */
const planVoxelMl = ({ spacingMm: [x, y, z] }: PreprocessingPlan): number => (x * y * z) / 1000;

function countOf(labels: ArrayLike<number>, label: number): number {
  let count = 0;
  for (let v = 0; v < labels.length; v++) if (labels[v] === label) count++;
  return count;
}
