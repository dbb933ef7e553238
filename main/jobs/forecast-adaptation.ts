import { AppError } from '../../contract/errors/app-error.ts';
import type { Forecast } from '../../contract/forecast.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { AdaptMethod } from '../../contract/model.ts';
import { trainingBytes } from '../numerics/cost/forecast-memory.ts';
import type { NamedArrays } from '../numerics/models/named-arrays.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import { countWeights, kernelVoxels } from '../numerics/models/unet-weights.ts';
import { posteriorMean } from '../numerics/posteriors/posterior-mean.ts';
import { patchCorners } from '../numerics/tensors/patches.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { toArrays } from '../numerics/tensors/tensor-record.ts';
import { patchesTogether } from '../numerics/training/batch-gradient.ts';
import { type MethodName, trainingMethod } from '../numerics/training/methods.ts';
import { disposeTraining, startTraining, trainingStep } from '../numerics/training/training.ts';
import { budgetOf, chosenCases, splitCases } from './adapt.ts';
import { calibratedSamples, refuseWithoutIntervals } from './calibrate-intervals.ts';
import { finalShare } from './choose-method.ts';
import { fewestScans } from './cross-validation.ts';
import { networkFigures } from './network-figures.ts';
import type { JobContext, Ports } from './ports.ts';
import { predictionInput } from './prediction-input.ts';
import { prepareTraining } from './prepare-training.ts';
import { type PreparedUpdate, prepareUpdate } from './prepare-update.ts';
import { type RunTimes, timeRuns, warmUpMs } from './time-runs.ts';
import { checkEvery } from './train-model.ts';
import { sidesOf, trainingBatches } from './training-batches.ts';
import { parseRecipe } from './training-recipe.ts';

/** Writing the model version and its audit record, measured. */
const publishMs = 150;

/** What an adaptation, or the learning of a further site, would need: found by preparing its scans, a few steps and a check on a held-out scan. */
export async function forecastAdaptation(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'adapt' | 'update'>,
): Promise<Forecast> {
  const startedMs = ports.machine.nowMs();
  const prepared =
    request.kind === 'adapt'
      ? await prepareAdaptation(ports, context, request)
      : await prepareUpdate(ports, context, request);
  const preparedMs = ports.machine.nowMs() - startedMs;
  const { net, plan, training, heldOut, recipe, prior } = prepared;
  const method = costliest[request.method];
  const patch = sidesOf(plan);
  const kind = recipe.noise === 'activations' && method === 'dwp' ? 'local' : 'training';
  const neededBytes =
    ports.machine.residentMemoryBytes() +
    trainingBytes(net, kind, {
      patch,
      together: method === 'dwp' ? 1 : patchesTogether(recipe.batch, patch),
      pooledPatches: recipe.pool.reuse > 1 ? recipe.pool.size : 0,
      parameters: countParameters(net, method === 'dwp' ? prior?.weights : undefined),
    });
  const availableBytes = ports.machine.availableMemoryBytes();
  const calibrates = request.kind === 'adapt' && request.calibrate === true;
  const { step, pass } = await timeTraining(ports, context, { method, seed: request.seed, calibrates, ...prepared });
  const budget = budgetOf(request, recipe, training.length);
  const members = request.method === 'ensemble' || request.method === 'pr-ensemble' ? recipe.members : 1;
  const checks = (steps: number) => Math.ceil(steps / checkEvery) * pass.perVoxelMs * seenVoxels(heldOut, plan);
  const trainingMs =
    'minutes' in budget
      ? budget.minutes * 60_000
      : members * (budget.steps * step.laterMs + checks(budget.steps)) + warmUpMs(step) + pass.warmUpMs;
  const trainings = trainingMs * (request.kind === 'adapt' ? shareOf(request) : 1);
  const predictionsMs = calibrates ? calibratedSamples * pass.perVoxelMs * seenVoxels(training, plan) : 0;
  return { neededBytes, availableBytes, expectedMs: preparedMs + trainings + predictionsMs + publishMs, patch };
}

/** Trainings, in budgets. */
const shareOf = ({ calibrate, method }: JobRequest<'adapt'>): number =>
  calibrate ? 1 + (method === 'auto' ? finalShare : 1) : 1;

type Prepared = Pick<PreparedUpdate, 'net' | 'plan' | 'training' | 'heldOut' | 'recipe' | 'prior'> &
  Partial<Pick<PreparedUpdate, 'from'>>;

async function prepareAdaptation(ports: Ports, context: JobContext, request: JobRequest<'adapt'>): Promise<Prepared> {
  const recipe = parseRecipe(request.settings);
  if (request.calibrate && request.method !== 'auto') refuseWithoutIntervals(request.method);
  const prior = request.prior ? await ports.priors.load(request.prior) : undefined;
  const dataset = await ports.scans.readDataset(request);
  const split = splitCases(chosenCases(dataset, request.cases), request);
  const found = split.training.length;
  if ((request.calibrate || request.method === 'auto') && found < fewestScans)
    throw new AppError('data/too-few-scans', { found, needed: fewestScans });
  return { recipe, prior, ...(await prepareTraining(ports, context, { dataset, ...split }, recipe)) };
}

/** What a method's steps are, the dearest where there are several. */
const costliest: Readonly<Record<AdaptMethod, MethodName>> = {
  auto: 'dwp',
  dwp: 'dwp',
  ri: 'ri',
  pr: 'pr',
  prf: 'prf',
  l2sp: 'l2sp',
  ensemble: 'ri',
  'pr-ensemble': 'pr',
  'dwp-from-pr': 'dwp',
  lowrank: 'lowrank',
};

/** Of a variational method also the deviations of the kernels and the prior's encoders. */
function countParameters(net: UnetArchitecture, prior: NamedArrays | undefined): number {
  const { slices, points } = countWeights(net);
  if (!prior) return kernelVoxels * slices + points;
  const encoders = Object.entries(prior).filter(([name]) => /^group-\d+\/encoder\//.test(name));
  return 2 * kernelVoxels * slices + points + encoders.reduce((sum, [, { data }]) => sum + data.length, 0);
}

/** A pass of the network over one scan. */
interface PassTime {
  readonly perVoxelMs: number;
  /** What the first takes beyond a later one. */
  readonly warmUpMs: number;
}

/** A step, and a pass where scans are held out or predicted to calibrate. */
async function timeTraining(
  { machine }: Ports,
  context: JobContext,
  trial: Prepared & { readonly method: MethodName; readonly seed: number; readonly calibrates: boolean },
): Promise<{ readonly step: RunTimes; readonly pass: PassTime }> {
  const { net, plan, training, heldOut, recipe } = trial;
  const patch = sidesOf(plan);
  const key = derive(rootKey(trial.seed), 'forecast');
  const method = trainingMethod(trial.method, {
    net,
    prior: trial.prior?.weights,
    settings: recipe,
    observedVoxels: training.length * patch[0] * patch[1] * patch[2],
    key,
    from: trial.from,
  });
  let state = startTraining(method.start());
  try {
    const batches = trainingBatches({ net, plan, training, recipe }, key);
    const step = await timeRuns(machine, async () => {
      await context.breathe('forecasting');
      const batch = await batches(state.step);
      state = trainingStep(method.objective, state, batch, { rate: recipe.rate, key }).state;
      for (const { image, truth } of batch) {
        image.dispose();
        truth.dispose();
      }
    });
    const one = heldOut[0] ?? (trial.calibrates ? training[0] : undefined);
    if (!one) return { step, pass: { perVoxelMs: 0, warmUpMs: 0 } };
    const times = await timeRuns(machine, async () => {
      const weights = posteriorMean(net, method.posterior(toArrays(state.parameters)));
      try {
        await networkFigures(net, weights, [one], { plan, breathe: () => context.breathe('forecasting') });
      } finally {
        weights.kernels.dispose();
        weights.points.dispose();
      }
    });
    return { step, pass: { perVoxelMs: times.laterMs / seenVoxels([one], plan), warmUpMs: warmUpMs(times) } };
  } finally {
    disposeTraining(state);
    method.dispose();
  }
}

/** Voxels that the network sees of scans in one pass over each, overlaps counted twice. */
const seenVoxels = (cases: Prepared['training'], plan: Prepared['plan']): number =>
  cases.reduce((sum, one) => {
    const { size, patch, overlap } = predictionInput(one, plan);
    return sum + patchCorners(size, patch, overlap).length * patch[0] * patch[1] * patch[2];
  }, 0);
