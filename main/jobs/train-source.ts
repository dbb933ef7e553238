import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import type { PreprocessingPlan } from '../../contract/model.ts';
import { makePlan } from '../imaging/preprocessing/make-plan.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import { layersOfArrays } from '../numerics/models/unet-weights.ts';
import { authorsDiceWeight } from '../numerics/tensors/fused/segmentation-loss.ts';
import { derive, type RandomKey, rootKey, uniforms } from '../numerics/tensors/random.ts';
import { toArrays } from '../numerics/tensors/tensor-record.ts';
import { trainingMethod } from '../numerics/training/methods.ts';
import { cyclicalSchedule } from '../numerics/training/schedules.ts';
import type { TrainingState } from '../numerics/training/training.ts';
import { CaseCache } from './case-cache.ts';
import { exampleBatches } from './example-batches.ts';
import { channelNames, labelValues, type PreparedCase, prepareCase, readCase, readCases } from './labelled-cases.ts';
import { networkFigures } from './network-figures.ts';
import type { JobContext, LabelledCase, Ports } from './ports.ts';
import { sidesOf } from './training-batches.ts';
import { augmentationOf, parseRecipe, type Recipe } from './training-recipe.ts';
import { type HeldOutCheck, trainToEnd } from './training-run.ts';

export interface TrainSourceResult {
  readonly folder: string;
  readonly members: readonly { readonly member: number; readonly cycles: number; readonly validationDice: number }[];
}

/** Scans that set the plan: a bounded sample, since there may be thousands. */
const planScans = 32;
/** The last fifth of the scans by name, and no more than this, are no net's training data; their Dice is stored with each snapshot. */
const mostValidationScans = 12;
const fewestScans = 3;
const cacheBytes = 1.5e9;
/** L2 on the kernels (methods 6, the authors' 2-D nets): without it most of a kernel is still the noise that it started from, and a prior would learn that noise. */
const sourceDecay = 1e-3;
/** What the shipped prior's nets were trained with. */
const sourceRate = 1e-3;

interface SourceTraining {
  readonly request: JobRequest<'train-source'>;
  readonly recipe: Recipe;
  readonly net: UnetArchitecture;
  readonly plan: PreprocessingPlan;
  readonly cases: readonly LabelledCase[];
  readonly validation: readonly PreparedCase[];
  readonly cache: CaseCache;
}

/** Source nets for a prior (methods 1.2): each from its own start on a bootstrap sample, a snapshot of all kernels at the end of every cycle. */
export async function trainSource(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'train-source'>,
): Promise<TrainSourceResult> {
  const training = await prepareSources(ports, context, request);
  const wanted = request.member === undefined ? Array.from({ length: request.members }, (_, n) => n) : [request.member];
  const members: TrainSourceResult['members'][number][] = [];
  for (const member of wanted) {
    if (member >= request.members) throw new AppError('job/no-such-member', { member, members: request.members });
    members.push(await trainMember(ports, context, training, member));
  }
  return { folder: request.out, members };
}

async function prepareSources(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'train-source'>,
): Promise<SourceTraining> {
  const recipe = parseRecipe({
    decay: sourceDecay,
    rate: sourceRate,
    diceWeight: authorsDiceWeight,
    ...request.settings,
  });
  const dataset = await ports.scans.readDataset(request);
  const total = dataset.cases.length;
  if (total < fewestScans) throw new AppError('data/too-few-scans', { found: total, needed: fewestScans });
  const trained = total - Math.min(mostValidationScans, Math.max(1, Math.floor(total / 5)));
  const sample = await readCases(
    ports,
    context,
    dataset.cases.filter((_, n) => n % Math.ceil(total / planScans) === 0),
  );
  const plan = makePlan(sample);
  const merged = new Set(request.mergeLabels ?? sample.flatMap(labelValues));
  const classOf = new Map([...merged].map((label) => [label, 1]));
  const cases = dataset.cases.slice(0, trained);
  const prepare = async (one: LabelledCase) => prepareCase(ports, await readCase(ports, one), plan, classOf);
  const validation: PreparedCase[] = [];
  for (const one of dataset.cases.slice(trained)) validation.push(await prepare(one));
  return {
    request,
    recipe,
    net: {
      family: 'residual-unet',
      size: request.size,
      inputChannels: channelNames(dataset, sample[0]!).length,
      classes: 2,
    },
    plan,
    cases,
    validation,
    cache: new CaseCache((number) => prepare(cases[number]!), cacheBytes),
  };
}

async function trainMember(
  ports: Ports,
  context: JobContext,
  training: SourceTraining,
  member: number,
): Promise<TrainSourceResult['members'][number]> {
  const { request, recipe, net, plan, cases, cache } = training;
  const key = derive(rootKey(request.seed), 'source', member);
  const done = (await ports.sources.listSnapshots(request.out)).filter((snapshot) => snapshot.member === member);
  if (done.length >= request.cycles) {
    const { record } = await ports.sources.loadSnapshot(request.out, { member, cycle: request.cycles - 1 });
    return { member, cycles: request.cycles, validationDice: Number(record['validationDice']) };
  }
  const bootstrap = bootstrapSample(cases.length, derive(key, 'bootstrap'));
  const patch = sidesOf(plan);
  const method = trainingMethod('ri', {
    net,
    prior: undefined,
    settings: recipe,
    observedVoxels: 1,
    key: derive(key, 'method'),
  });
  try {
    const closeCycle = async (state: TrainingState): Promise<HeldOutCheck> => {
      const { dice, ece, slice } = await networkFigures(
        net,
        { kernels: state.parameters['kernels'] as never, points: state.parameters['points'] as never },
        training.validation,
        {
          plan,
          breathe: () => context.breathe('checking the source net'),
        },
      );
      await saveSnapshot(ports, training, {
        member,
        cycle: state.step / request.stepsPerCycle - 1,
        state,
        validationDice: dice,
      });
      return { figures: { heldOutDice: dice, heldOutEce: ece }, slice };
    };
    const outcome = await trainToEnd(ports, context, {
      phase: `source net ${member + 1} of ${request.members}`,
      runKey: ports.runs.keyOf({
        job: 'train-source',
        member,
        net,
        plan,
        recipe,
        cases: cases.map(({ name }) => name),
        request: { ...request, member: null },
      }),
      start: method.start,
      objective: method.objective,
      budget: { steps: request.cycles * request.stepsPerCycle },
      rate: recipe.rate,
      schedule: { by: 'step', at: cyclicalSchedule(request.stepsPerCycle) },
      key: derive(key, 'training'),
      batch: exampleBatches({
        caseCount: bootstrap.length,
        caseAt: (number) => cache.at(bootstrap[number]!),
        channels: net.inputChannels,
        classes: net.classes,
        patch,
        batch: recipe.batch,
        augmentation: augmentationOf(recipe, plan),
        pool: recipe.pool,
        key: derive(key, 'batches'),
      }),
      check: { every: request.stepsPerCycle, evaluate: closeCycle },
    });
    const validationDice = outcome.curves.at(-1)!.heldOutDice!; // a run ends with a check
    await ports.runs.finish(outcome.runKey, {
      member,
      steps: outcome.steps,
      elapsedMs: outcome.elapsedMs,
      validationDice,
    });
    return { member, cycles: request.cycles, validationDice };
  } finally {
    method.dispose();
  }
}

async function saveSnapshot(
  ports: Ports,
  { request, net, plan, recipe }: SourceTraining,
  at: {
    readonly member: number;
    readonly cycle: number;
    readonly state: TrainingState;
    readonly validationDice: number;
  },
): Promise<void> {
  const arrays = toArrays(at.state.parameters);
  const layers = layersOfArrays(net, { kernels: arrays['kernels']!.data, points: arrays['points']!.data });
  const record = {
    version: 1,
    architecture: net,
    plan,
    recipe,
    seed: request.seed,
    stepsPerCycle: request.stepsPerCycle,
    cycles: request.cycles,
    validationDice: at.validationDice,
    compute: ports.machine.compute,
  };
  await ports.sources.saveSnapshot(request.out, { member: at.member, cycle: at.cycle }, layers, record);
}

/** As many scans as there are, drawn with replacement. */
const bootstrapSample = (count: number, key: RandomKey): readonly number[] =>
  Array.from(uniforms(key, count), (u) => Math.floor(u * count));
