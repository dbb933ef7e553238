import { AppError } from '../../contract/errors/app-error.ts';
import type { Method } from '../../contract/model.ts';
import type { CurvePoint } from '../../contract/progress.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import type { UnetArrays } from '../numerics/models/unet-weights.ts';
import { posteriorMean } from '../numerics/posteriors/posterior-mean.ts';
import type { SinglePosterior } from '../numerics/posteriors/weight-posterior.ts';
import { snapshotPrefixes } from '../numerics/priors/stored-prior.ts';
import { derive, type RandomKey } from '../numerics/tensors/random.ts';
import { toArrays } from '../numerics/tensors/tensor-record.ts';
import { type MethodName, trainingMethod } from '../numerics/training/methods.ts';
import { cosineShare } from '../numerics/training/schedules.ts';
import type { TrainingState } from '../numerics/training/training.ts';
import type { LearnedStart, TrainingMethod } from '../numerics/training/training-method.ts';
import { fittedStart } from './fit-start.ts';
import type { PreparedCase } from './labelled-cases.ts';
import { networkFigures } from './network-figures.ts';
import type { JobContext, Ports } from './ports.ts';
import { sidesOf, type TrainingData, trainingBatches } from './training-batches.ts';
import { type Budget, type HeldOutCheck, trainToEnd } from './training-run.ts';

/** Steps between checks on held-out scans; there is one at the end too. */
export const checkEvery = 100;

/** What a network is trained on, and how. */
export interface ModelTraining extends TrainingData {
  readonly method: Method;
  readonly heldOut: readonly PreparedCase[];
  readonly prior: { readonly sha256: string; readonly weights: NamedArrays } | undefined;
  /** Of the whole: an ensemble's members share it. */
  readonly budget: Budget;
  readonly seed: number;
  readonly key: RandomKey;
  /** What progress calls it; by its method where absent. */
  readonly title?: string;
  /** Where the training goes on from, and the name that tells it from others in a run's key. */
  readonly from?: LearnedStart & { readonly name: string };
}

export interface TrainedModel {
  readonly posterior: SinglePosterior;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly curves: readonly CurvePoint[];
  /** Runs whose checkpoints are kept until the outcome is: pass them to `finish`. */
  readonly runKeys: readonly string[];
}

/** Trains one method from its start to the end of its budget; an interrupted training goes on. */
export function trainModel(ports: Ports, context: JobContext, job: ModelTraining): Promise<TrainedModel> {
  switch (job.method) {
    case 'ensemble':
      return trainEnsemble(ports, context, job, 'ri');
    case 'pr-ensemble':
      return trainEnsemble(ports, context, job, 'pr');
    case 'dwp-from-pr':
      return trainFromPretrained(ports, context, job);
    default:
      return trainMember(ports, context, job, { method: job.method });
  }
}

/** Several networks that differ in start, head and batches (Lakshminarayanan et al. 2017). */
async function trainEnsemble(
  ports: Ports,
  context: JobContext,
  job: ModelTraining,
  method: 'ri' | 'pr',
): Promise<TrainedModel> {
  const members: TrainedModel[] = [];
  for (let member = 0; member < job.recipe.members; member++)
    members.push(await trainMember(ports, context, job, { method, member, of: job.recipe.members }));
  return joined(members, { kind: 'ensemble', members: members.map(({ posterior }) => pointOf(posterior)) });
}

/** PR for half of the budget, then DWP around what it found, on patches of its own. */
async function trainFromPretrained(ports: Ports, context: JobContext, job: ModelTraining): Promise<TrainedModel> {
  const { budget } = job;
  const half: Budget =
    'minutes' in budget ? { minutes: budget.minutes / 2 } : { steps: Math.max(1, Math.round(budget.steps / 2)) };
  const first = await trainMember(ports, context, { ...job, budget: half }, { method: 'pr' });
  const from = { name: 'pr for half of the budget, then other patches', mean: pointOf(first.posterior) };
  const key = derive(job.key, 'second half');
  const second = await trainMember(ports, context, { ...job, budget: half, from, key }, { method: 'dwp' });
  const later = second.curves.map((point) => ({
    ...point,
    step: point.step + first.steps,
    elapsedMs: point.elapsedMs + first.elapsedMs,
  }));
  return { ...joined([first, second], second.posterior), curves: [...first.curves, ...later] };
}

/** Books of several trainings as those of one. */
export const joined = <Posterior>(
  parts: readonly TrainedModel[],
  posterior: Posterior,
): Omit<TrainedModel, 'posterior'> & { readonly posterior: Posterior } => ({
  posterior,
  steps: parts.reduce((sum, one) => sum + one.steps, 0),
  elapsedMs: parts.reduce((sum, one) => sum + one.elapsedMs, 0),
  curves: parts[0]!.curves,
  runKeys: parts.flatMap(({ runKeys }) => runKeys),
});

/** @throws RangeError of another kind */
function pointOf(posterior: SinglePosterior): UnetArrays {
  if (posterior.kind !== 'point') throw new RangeError(`a point estimate is needed, not a ${posterior.kind}`);
  return posterior.weights;
}

/** One network of a training of one, or of several. */
interface Member {
  readonly method: MethodName;
  /** Tells it from the others; absent where it is alone. */
  readonly member?: number;
  readonly of?: number;
}

/** One network. */
export async function trainMember(
  ports: Ports,
  context: JobContext,
  job: ModelTraining,
  as: Member,
): Promise<TrainedModel> {
  const { net, plan, training, recipe } = job;
  const key = as.member === undefined ? job.key : derive(job.key, 'member', as.member);
  const isVariational = as.method === 'dwp' || as.method === 'lowrank';
  if (as.method !== 'ri' && !job.prior && (isVariational || !job.from))
    throw new AppError('job/prior-needed', { method: as.method });
  if (as.method === 'lowrank' && snapshotPrefixes(job.prior!.weights).length < 2)
    throw new AppError('prior/no-snapshots', {});
  const patch = sidesOf(plan);
  const beganMs = ports.machine.nowMs();
  const fitted = fitsHead(job, as.method)
    ? { mean: await fittedStart(context, job, job.prior!.weights, derive(key, 'head')) }
    : undefined;
  const spentMs = ports.machine.nowMs() - beganMs;
  const method = trainingMethod(as.method, {
    net,
    prior: job.prior?.weights,
    settings: recipe,
    observedVoxels: training.length * patch[0] * patch[1] * patch[2],
    key: derive(key, 'method'),
    from: fitted ? { ...job.from, ...fitted } : job.from,
  });
  try {
    const outcome = await trainToEnd(ports, context, {
      phase:
        as.member === undefined
          ? (job.title ?? `training (${as.method})`)
          : `training member ${as.member + 1} of ${as.of}`,
      runKey: runKeyOf(ports, job, as),
      start: method.start,
      objective: method.objective,
      budget: memberBudget(job),
      spentMs,
      rate: recipe.rate,
      schedule: { by: 'share', at: cosineShare },
      key: derive(key, 'training'),
      batch: trainingBatches(job, derive(key, 'batches')),
      ...(job.heldOut.length > 0
        ? {
            check: { every: checkEvery, evaluate: (state: TrainingState) => checkHeldOut(job, method, state, context) },
          }
        : {}),
    });
    return {
      posterior: method.posterior(outcome.parameters),
      steps: outcome.steps,
      elapsedMs: outcome.elapsedMs,
      curves: outcome.curves,
      runKeys: [outcome.runKey],
    };
  } finally {
    method.dispose();
  }
}

/** Whether the training begins at the source net, whose head knows nothing of these structures yet. */
const fitsHead = ({ from, recipe }: ModelTraining, method: MethodName): boolean =>
  method !== 'ri' &&
  from?.mean === undefined &&
  recipe.head === 'fitted' &&
  (recipe.start === 'source' || (method !== 'dwp' && method !== 'lowrank'));

function runKeyOf(
  ports: Ports,
  { method, net, plan, training, heldOut, prior, recipe, budget, seed, from }: ModelTraining,
  as: object,
): string {
  const hashes = (cases: readonly PreparedCase[]) =>
    cases.map(({ imageSha256, labelSha256 }) => [imageSha256, labelSha256]);
  return ports.runs.keyOf({
    method,
    as,
    net,
    plan,
    training: hashes(training),
    heldOut: hashes(heldOut),
    prior: prior?.sha256 ?? null,
    recipe,
    budget,
    seed,
    ...(from && { from: from.name }),
  });
}

const memberBudget = ({ method, budget, recipe }: ModelTraining): Budget =>
  (method === 'ensemble' || method === 'pr-ensemble') && 'minutes' in budget
    ? { minutes: budget.minutes / recipe.members }
    : budget;

async function checkHeldOut(
  { net, plan, heldOut, recipe }: ModelTraining,
  method: TrainingMethod,
  state: TrainingState,
  context: JobContext,
): Promise<HeldOutCheck> {
  const weights = posteriorMean(net, method.posterior(toArrays(state.parameters)));
  try {
    const { dice, ece, slice } = await networkFigures(net, weights, heldOut, {
      plan,
      temperature: recipe.temperature,
      breathe: () => context.breathe('checking on held-out scans'),
    });
    return { figures: { heldOutDice: dice, heldOutEce: ece }, slice };
  } finally {
    weights.kernels.dispose();
    weights.points.dispose();
  }
}
