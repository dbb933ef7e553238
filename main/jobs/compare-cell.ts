import type { ComparisonCell } from '../../contract/comparison.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { type CaseResult, emptyTally, evaluateCase } from './evaluate-case.ts';
import { type Cell, usesPrior } from './finished-cell.ts';
import { readCase } from './labelled-cases.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports, StoredPrior } from './ports.ts';
import { predictCase } from './predict-case.ts';
import { prepareTraining } from './prepare-training.ts';
import { summarise } from './summarise-evaluation.ts';
import { trainMixture } from './train-mixture.ts';
import { trainModel } from './train-model.ts';
import { parseRecipe } from './training-recipe.ts';
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
  const key = derive(rootKey(cell.seed), 'adapt');
  const job = { ...prepared, prior, recipe, budget, seed: cell.seed, key };
  const trained =
    cell.arm === 'mpvi'
      ? await trainMixture(ports, context, { ...job, method: 'dwp' })
      : await trainModel(ports, context, { ...job, method: cell.arm });
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
    training: {
      steps: trained.steps,
      elapsedMs: trained.elapsedMs,
      curves: trained.curves.map((point) => ({ ...point })),
    },
    predictionMs: ports.machine.nowMs() - startedMs,
    peakMemoryBytes: ports.machine.peakMemoryBytes(),
    compute: ports.machine.compute,
    finishedAt: new Date().toISOString(),
  };
  return { record, runKeys: trained.runKeys };
}
