import type { ComparisonCell } from '../../contract/comparison.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { Method } from '../../contract/model.ts';
import type { WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { calibrateIntervals } from './calibrate-intervals.ts';
import { chooseMethod, finalBudget } from './choose-method.ts';
import { type CaseResult, emptyTally, evaluateCase } from './evaluate-case.ts';
import { type Cell, usesPrior } from './finished-cell.ts';
import { readCase } from './labelled-cases.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports, StoredPrior } from './ports.ts';
import { predictCase } from './predict-case.ts';
import { type PreparedTraining, prepareTraining } from './prepare-training.ts';
import { summarise } from './summarise-evaluation.ts';
import { trainMixture } from './train-mixture.ts';
import { type TrainedModel, trainModel } from './train-model.ts';
import { parseRecipe, type Recipe } from './training-recipe.ts';
import type { Budget } from './training-run.ts';

export interface CellTask {
  readonly cell: Cell;
  readonly dataset: LabelledDataset;
  readonly training: readonly LabelledCase[];
  readonly test: readonly LabelledCase[];
  readonly prior: StoredPrior;
  readonly request: JobRequest<'compare'>;
  readonly budget: Budget;
}

export interface FinishedCell {
  readonly record: ComparisonCell;
  /** Runs to finish once the record is kept. */
  readonly runKeys: readonly string[];
}

/** Trains one arm on one draw of scans and judges it on every test scan, one at a time. */
export async function runCell(ports: Ports, context: JobContext, task: CellTask): Promise<FinishedCell> {
  const { cell, dataset, prior, request, budget } = task;
  const recipe = parseRecipe(request.settings);
  const prepared = await prepareTraining(ports, context, { dataset, training: task.training, heldOut: [] }, recipe);
  const { trained, spent, chosen } = await trainArm(ports, context, { task, prepared, recipe });
  const calibrated =
    request.calibrate && spent
      ? await calibrateIntervals(ports, context, { ...localScans(task, recipe), ...spent })
      : undefined;
  const { net, plan, structures } = prepared;
  const startedMs = ports.machine.nowMs();
  const tally = emptyTally(structures);
  const cases: CaseResult[] = [];
  for (const [place, one] of task.test.entries()) {
    const title = `${cell.arm}: test scan ${place + 1} of ${task.test.length}`;
    cases.push(
      evaluateCase(
        tally,
        await predictCase(ports, context, {
          raw: await readCase(ports, one),
          net,
          plan,
          posterior: trained.posterior,
          borderDeviation: recipe.borderDeviation,
          temperature: recipe.temperature,
          intervalCalibration: calibrated?.calibration ?? null,
          structures,
          samples: request.samples,
          title,
        }),
      ),
    );
  }
  const record: ComparisonCell = {
    version: 1,
    arm: cell.arm,
    scans: cell.scans,
    seed: cell.seed,
    budget,
    trainedOn: task.training.map(({ name }) => name),
    samples: request.samples,
    settings: recipe,
    prior: usesPrior(cell.arm) ? prior.sha256 : null,
    cases,
    summary: summarise(tally, cases),
    ...(request.calibrate && { intervalCalibration: calibrated?.calibration ?? null }),
    ...(chosen && { methodChoice: { ...chosen.choice } }),
    training: {
      steps: trained.steps,
      elapsedMs: trained.elapsedMs + (chosen?.choice.elapsedMs ?? 0),
      curves: trained.curves.map((point) => ({ ...point })),
    },
    predictionMs: ports.machine.nowMs() - startedMs,
    peakMemoryBytes: ports.machine.peakMemoryBytes(),
    compute: ports.machine.compute,
    finishedAt: new Date().toISOString(),
  };
  return { record, runKeys: [...trained.runKeys, ...[chosen, calibrated].flatMap((one) => one?.runKey ?? [])] };
}

const localScans = ({ dataset, training, prior, cell }: CellTask, recipe: Recipe) => ({
  dataset,
  cases: training,
  prior,
  recipe,
  seed: cell.seed,
});

interface TrainedArm {
  readonly trained: Omit<TrainedModel, 'posterior'> & { readonly posterior: WeightPosterior };
  /** How its network was made; undefined where several are pursued. */
  readonly spent?: { readonly method: Method; readonly budget: Budget };
  readonly chosen?: Awaited<ReturnType<typeof chooseMethod>>;
}

/** `auto` chooses first, within the same budget. */
async function trainArm(
  ports: Ports,
  context: JobContext,
  { task, prepared, recipe }: { readonly task: CellTask; readonly prepared: PreparedTraining; readonly recipe: Recipe },
): Promise<TrainedArm> {
  const { cell, prior, budget } = task;
  const key = derive(rootKey(cell.seed), 'adapt');
  const job = { ...prepared, prior, recipe, budget, seed: cell.seed, key };
  switch (cell.arm) {
    case 'mpvi':
      return { trained: await trainMixture(ports, context, { ...job, method: 'dwp' }) };
    case 'auto': {
      const chosen = await chooseMethod(ports, context, { ...localScans(task, recipe), budget });
      const spent = { method: chosen.choice.chosen, budget: finalBudget(budget) };
      return { trained: await trainModel(ports, context, { ...job, ...spent }), spent, chosen };
    }
    default: {
      const spent = { method: cell.arm, budget };
      return { trained: await trainModel(ports, context, { ...job, ...spent }), spent };
    }
  }
}
