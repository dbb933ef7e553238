import type { CurvePoint, LearningSlice, Progress } from '../../contract/progress.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import { derive, type RandomKey } from '../numerics/tensors/random.ts';
import type { Objective } from '../numerics/training/objective.ts';
import type { Schedule } from '../numerics/training/schedules.ts';
import type { Example } from '../numerics/training/segmentation-gradient.ts';
import {
  disposeTraining,
  restoreTraining,
  startTraining,
  type TrainingState,
  trainingArrays,
  trainingStep,
} from '../numerics/training/training.ts';
import type { JobContext, Ports } from './ports.ts';

/** By steps the result is the same bytes each time; by minutes the machine's speed decides how many there are. */
export type Budget = { readonly steps: number } | { readonly minutes: number };

export interface TrainingRun {
  /** Names what is trained, for progress. */
  readonly phase: string;
  readonly runKey: string;
  readonly start: () => NamedArrays;
  readonly objective: Objective;
  readonly budget: Budget;
  /** Time that the start took, which counts as the budget's. */
  readonly spentMs?: number;
  readonly rate: number;
  /** Share of the rate by the share of the budget used (0 to 1), or by step. */
  readonly schedule:
    | { readonly by: 'share'; at(share: number): number }
    | { readonly by: 'step'; readonly at: Schedule };
  readonly key: RandomKey;
  /** Draws the batch of a step; a function of the step alone. The run disposes it. */
  readonly batch: (step: number) => Promise<readonly Example[]>;
  /** Called every `every` steps and at the end, with the number of steps done. */
  readonly check?: { readonly every: number; evaluate(state: TrainingState): Promise<HeldOutCheck> };
}

/** Figures on the held-out scans. */
export type HeldOutFigures = Pick<CurvePoint, 'heldOutDice' | 'heldOutEce'>;
export interface HeldOutCheck {
  readonly figures: HeldOutFigures;
  readonly slice: LearningSlice;
}

export interface TrainingOutcome {
  readonly runKey: string;
  /** Parameters by name. */
  readonly parameters: NamedArrays;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly curves: readonly CurvePoint[];
}

const curvePoints = 100;

interface Books {
  elapsedMs: number;
  curves: CurvePoint[];
  pending: { steps: number; loss: number; dataLoss: number; kl: number | null };
}

/** Trains to the end of the budget; continues an interrupted run of the same key where it stopped. */
export async function trainToEnd(ports: Ports, context: JobContext, run: TrainingRun): Promise<TrainingOutcome> {
  const saved = await ports.runs.loadCheckpoint(run.runKey);
  let state = saved ? restoreTraining(saved.arrays, saved.state['step'] as number) : startTraining(run.start());
  const books: Books = saved
    ? (saved.state['books'] as Books)
    : { elapsedMs: run.spentMs ?? 0, curves: [], pending: emptyPending() };
  const save = () =>
    ports.runs.saveCheckpoint(run.runKey, { arrays: trainingArrays(state), state: { step: state.step, books } });
  let points = books.curves.length;
  let [markedMs, savedMs] = [ports.machine.nowMs(), ports.machine.nowMs()];
  const closeStep = async () => {
    const share = shareDone(run.budget, state.step, books.elapsedMs);
    let slice: LearningSlice | undefined;
    if (run.check && (state.step % run.check.every === 0 || share >= 1)) {
      const checked = await run.check.evaluate(state);
      closePoint(books, state.step, checked.figures);
      slice = checked.slice;
    } else if (share * curvePoints >= books.curves.length + 1) closePoint(books, state.step, unmeasured);
    context.report({
      ...progressOf(run, state.step, books, points < books.curves.length),
      ...(slice ? { slice } : {}),
    });
    points = books.curves.length;
  };
  try {
    if (books.pending.steps > 0) await closeStep(); // a run that was stopped during a check has that check before it goes on
    while (shareDone(run.budget, state.step, books.elapsedMs) < 1) {
      await context.breathe(run.phase);
      state = await oneStep(run, state, books);
      const now = ports.machine.nowMs();
      books.elapsedMs += now - markedMs;
      markedMs = now;
      await closeStep();
      if (now - savedMs > ports.machine.checkpointEveryMs) {
        await save();
        savedMs = ports.machine.nowMs();
      }
    }
    await save(); // until whoever asked for the training has kept its outcome
    const parameters = parametersOf(state);
    return { runKey: run.runKey, parameters, steps: state.step, elapsedMs: books.elapsedMs, curves: books.curves };
  } catch (cause) {
    if (context.signal.aborted) await save();
    throw cause;
  } finally {
    disposeTraining(state);
  }
}

async function oneStep(run: TrainingRun, state: TrainingState, books: Books): Promise<TrainingState> {
  const share =
    run.schedule.by === 'step'
      ? run.schedule.at(state.step)
      : run.schedule.at(shareDone(run.budget, state.step, books.elapsedMs));
  const batch = await run.batch(state.step);
  const { state: next, info } = trainingStep(run.objective, state, batch, {
    rate: run.rate * share,
    key: derive(run.key, 'step', state.step),
  });
  for (const example of batch) {
    example.image.dispose();
    example.truth.dispose();
  }
  if (!Number.isFinite(info['loss'])) throw new RangeError(`the loss is ${info['loss']} at step ${state.step}`);
  const { pending } = books;
  pending.steps++;
  pending.loss += info['loss']!;
  pending.dataLoss += info['dataLoss']!;
  pending.kl = info['kl'] === undefined ? null : (pending.kl ?? 0) + info['kl'];
  return next;
}

const shareDone = (budget: Budget, step: number, elapsedMs: number): number =>
  'steps' in budget ? step / budget.steps : elapsedMs / (budget.minutes * 60_000);
const emptyPending = (): Books['pending'] => ({ steps: 0, loss: 0, dataLoss: 0, kl: null });
const parametersOf = (state: TrainingState): NamedArrays =>
  Object.fromEntries(
    Object.entries(trainingArrays(state))
      .filter(([name]) => name.startsWith('parameter:'))
      .map(([name, value]) => [name.slice('parameter:'.length), value]),
  );

const unmeasured: HeldOutFigures = { heldOutDice: null, heldOutEce: null };

function closePoint(books: Books, step: number, figures: HeldOutFigures): void {
  const { steps, loss, dataLoss, kl } = books.pending;
  books.curves.push({
    step,
    elapsedMs: books.elapsedMs,
    loss: loss / steps,
    dataLoss: dataLoss / steps,
    kl: kl === null ? null : kl / steps,
    ...figures,
  });
  books.pending = emptyPending();
}

function progressOf(run: TrainingRun, step: number, books: Books, hasNewPoint: boolean): Progress {
  const last = books.curves.at(-1);
  const loss = books.pending.steps > 0 ? books.pending.loss / books.pending.steps : last?.loss;
  const note = loss === undefined ? '' : `loss ${loss.toFixed(3)}`;
  const done = 'steps' in run.budget ? step : Math.round(books.elapsedMs / 1000);
  const total = 'steps' in run.budget ? run.budget.steps : Math.round(run.budget.minutes * 60);
  return {
    phase: run.phase,
    done: Math.min(done, total),
    total,
    unit: 'steps' in run.budget ? 'steps' : 'seconds',
    note,
    ...(hasNewPoint && last ? { point: last } : {}),
  };
}
