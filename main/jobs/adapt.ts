import type { ComputeDescription } from '../../contract/compute.ts';
import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { IntervalCalibration } from '../../contract/model.ts';
import type { CurvePoint } from '../../contract/progress.ts';
import { derive, rootKey, shuffled } from '../numerics/tensors/random.ts';
import { calibrateIntervals, refuseWithoutIntervals } from './calibrate-intervals.ts';
import { chooseMethod, finalBudget, type MethodChoice } from './choose-method.ts';
import { usesPrior } from './finished-cell.ts';
import type { PreparedCase } from './labelled-cases.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports } from './ports.ts';
import { prepareTraining } from './prepare-training.ts';
import { publishModel } from './publish-model.ts';
import { scanGate } from './scan-gate.ts';
import { type TrainedModel, trainModel } from './train-model.ts';
import { parseRecipe, type Recipe } from './training-recipe.ts';
import type { Budget } from './training-run.ts';

export interface AdaptResult {
  readonly model: { readonly name: string; readonly version: number; readonly method: string };
  readonly trainedOn: number;
  readonly heldOut: number;
  readonly heldOutDice: number | null;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly curves: readonly CurvePoint[];
  /** What `auto` chose by. */
  readonly methodChoice: MethodChoice | null;
  /** Absent where it was not asked for, null where the method gives no intervals. */
  readonly intervalCalibration?: IntervalCalibration | null;
  readonly compute: ComputeDescription;
}

const fewestScans = 2;

/** Makes a model version from labelled scans: reads, checks, plans, trains, publishes. Nothing is published before the end. */
export async function adapt(ports: Ports, context: JobContext, request: JobRequest<'adapt'>): Promise<AdaptResult> {
  const recipe = parseRecipe(request.settings);
  const needsPrior = request.method === 'auto' || usesPrior(request.method);
  if (needsPrior && !request.prior) throw new AppError('job/prior-needed', { method: request.method });
  if (request.calibrate && request.method !== 'auto') refuseWithoutIntervals(request.method);
  const prior = request.prior ? await ports.priors.load(request.prior) : undefined;
  const dataset = await ports.scans.readDataset(request);
  const split = splitCases(chosenCases(dataset, request.cases), request);
  const asked = budgetOf(request, recipe, split.training.length);
  const local = { dataset, cases: split.training, recipe, seed: request.seed };
  const chosen =
    request.method === 'auto'
      ? await chooseMethod(ports, context, { ...local, prior: prior!, budget: asked }) // asked for above
      : undefined;
  const method = request.method === 'auto' ? chosen!.choice.chosen : request.method;
  const budget = chosen ? finalBudget(asked) : asked;
  // before the training itself: too few scans are refused at once, and the last curves are the model's own
  const calibrated = request.calibrate
    ? await calibrateIntervals(ports, context, { ...local, method, prior, budget })
    : undefined;
  const prepared = await prepareTraining(ports, context, { dataset, ...split }, recipe);
  const key = derive(rootKey(request.seed), 'adapt');
  const trained = await trainModel(ports, context, {
    ...prepared,
    method,
    prior,
    recipe,
    budget,
    seed: request.seed,
    key,
  });
  const record = {
    version: 2 as const,
    name: request.name,
    method,
    architecture: prepared.net,
    weights: {
      kind: trained.posterior.kind,
      members: trained.posterior.kind === 'ensemble' ? trained.posterior.members.length : 1,
    },
    mixture: null,
    gate: scanGate(prepared.training, prepared.net.inputChannels),
    borderDeviation: recipe.borderDeviation,
    temperature: recipe.temperature,
    intervalCalibration: calibrated?.calibration ?? null,
    channels: [...prepared.channels],
    structures: [...prepared.structures],
    plan: prepared.plan,
    prior: prior ? { name: prior.name, sha256: prior.sha256 } : null,
    training: {
      scans: prepared.training.map(hashesOf),
      heldOut: prepared.heldOut.map(hashesOf),
      before: [],
      seed: request.seed,
      steps: trained.steps,
      elapsedMs: trained.elapsedMs,
      settings: recipe,
    },
    metrics: {
      heldOutDice: lastOf(trained, 'heldOutDice'),
      heldOutEce: lastOf(trained, 'heldOutEce'),
      curves: trained.curves,
      ...(chosen && { methodChoice: chosen.choice }),
    },
    compute: ports.machine.compute,
  };
  const { makeCurrent } = request;
  const runKeys = [...trained.runKeys, ...[chosen, calibrated].flatMap((one) => one?.runKey ?? [])];
  const published = await publishModel(ports, record, trained.posterior, {
    trained: { ...trained, runKeys },
    makeCurrent,
  });
  return {
    model: { name: published.name, version: published.modelVersion, method: published.method },
    trainedOn: split.training.length,
    heldOut: split.heldOut.length,
    heldOutDice: lastOf(trained, 'heldOutDice'),
    steps: trained.steps,
    elapsedMs: trained.elapsedMs,
    curves: trained.curves,
    methodChoice: chosen?.choice ?? null,
    ...(request.calibrate && { intervalCalibration: calibrated?.calibration ?? null }),
    compute: ports.machine.compute,
  };
}

export const hashesOf = ({ imageSha256, labelSha256 }: PreparedCase) => ({ imageSha256, labelSha256 });
export const lastOf = ({ curves }: TrainedModel, figure: 'heldOutDice' | 'heldOutEce'): number | null =>
  curves.findLast((point) => point[figure] !== null)?.[figure] ?? null;

/** The cases asked for by name, or all. */
export function chosenCases({ cases }: LabelledDataset, names: readonly string[] | undefined): readonly LabelledCase[] {
  if (!names) return cases;
  const unknown = names.filter((name) => !cases.some((one) => one.name === name));
  if (unknown.length > 0) throw new AppError('data/unknown-cases', { names: unknown.join(', ') });
  return cases.filter(({ name }) => names.includes(name));
}

/** The share of the scans that is held out, at random by the seed. @throws AppError `data/too-few-scans` */
export function splitCases(
  cases: readonly LabelledCase[],
  { holdOut, seed }: Pick<JobRequest<'adapt'>, 'holdOut' | 'seed'>,
): { readonly training: readonly LabelledCase[]; readonly heldOut: readonly LabelledCase[] } {
  const out = Math.round(cases.length * holdOut);
  const order = shuffled(derive(rootKey(seed), 'hold-out'), cases.length);
  const heldOut = new Set(order.slice(0, out));
  const training = cases.filter((_, n) => !heldOut.has(n));
  if (training.length < fewestScans)
    throw new AppError('data/too-few-scans', { found: training.length, needed: fewestScans });
  return { training, heldOut: cases.filter((_, n) => heldOut.has(n)) };
}

/** Minutes where they are given, else steps. */
export function budgetOf(
  { steps, epochs, minutes }: Pick<JobRequest<'adapt'>, 'steps' | 'epochs' | 'minutes'>,
  recipe: Recipe,
  scans: number,
): Budget {
  if (minutes !== undefined) return { minutes };
  return { steps: steps ?? (epochs === undefined ? recipe.steps : Math.ceil((epochs * scans) / recipe.batch)) };
}
