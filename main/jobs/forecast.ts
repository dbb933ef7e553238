import type { Forecast } from '../../contract/forecast.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { voxelCount } from '../imaging/geometry/grids.ts';
import { refuseForeignFieldOfView } from '../imaging/preprocessing/checks.ts';
import { placementFor } from '../imaging/preprocessing/plan-grid.ts';
import { trainingBytes } from '../numerics/cost/forecast-memory.ts';
import { type PredictionInput, predictSample } from '../numerics/inference/predict-sample.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import { drawWeights, type WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import { patchCorners } from '../numerics/tensors/patches.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import { patchesTogether } from '../numerics/training/batch-gradient.ts';
import { trainingMethod } from '../numerics/training/methods.ts';
import { disposeTraining, startTraining, trainingStep } from '../numerics/training/training.ts';
import { budgetOf, chosenCases, splitCases } from './adapt.ts';
import { exampleBatches } from './example-batches.ts';
import { groupChannels } from './group-channels.ts';
import { loadModel } from './load-model.ts';
import type { JobContext, Machine, Ports } from './ports.ts';
import { prepareTraining } from './prepare-training.ts';
import { fittingInput } from './segment-scan.ts';
import { sidesOf } from './train-model.ts';
import { parseRecipe } from './training-recipe.ts';

const timedRepeats = 3;
/** Reading, returning to the scan's grid and writing maps and picture, measured: a scan, and each voxel of it. */
const scanMs = 230;
const voxelMs = 1.5e-3;

/** What a job would need, found by trying its smallest part: one patch of prediction, or one step of training. Changes nothing. */
export function forecast(ports: Ports, context: JobContext, { of }: JobRequest<'forecast'>): Promise<Forecast> {
  return of.kind === 'segment' ? forecastSegmentation(ports, context, of) : forecastAdaptation(ports, context, of);
}

async function forecastSegmentation(
  ports: Ports,
  context: JobContext,
  request: JobRequest<'segment'>,
): Promise<Forecast> {
  const { net, record, posterior } = await loadModel(ports, request.model, request.modelVersion);
  const files = (await Promise.all(request.inputs.map((input) => ports.scans.listScans(input)))).flat();
  const availableBytes = ports.machine.availableMemoryBytes();
  const samples = (posterior.kind === 'point' ? 1 : request.samples) + choosingPasses(posterior);
  const passes = new Map<string, number>(); // ms by patch
  let [neededBytes, expectedMs] = [0, 0];
  let patch: Forecast['patch'] = [0, 0, 0];
  for (const { channels } of groupChannels(files, net.inputChannels)) {
    await context.breathe('forecasting');
    const volume = await ports.scans.readVolume(channels[0]!.path);
    refuseForeignFieldOfView(volume, record.plan);
    const placement = placementFor(volume, record.plan);
    const [ni, nj, nk] = placement.grid.size;
    const prepared = { tensor: new Float32Array(0), size: [nk, nj, ni] as const, placement };
    const input = fittingInput(ports.machine, { net, record, prepared, request });
    const passMs = passes.get(input.patch.join()) ?? (await timePass(ports.machine, { net, posterior }, input));
    passes.set(input.patch.join(), passMs);
    neededBytes = Math.max(neededBytes, input.neededBytes);
    const patches = patchCorners(input.size, input.patch, input.overlap).length;
    expectedMs += samples * patches * passMs + scanMs + voxelCount(volume) * voxelMs;
    patch = input.patch;
  }
  return { neededBytes, availableBytes, expectedMs, patch };
}

/** Passes that a mixture takes to choose its components on a scan. */
const choosingPasses = (posterior: WeightPosterior): number =>
  posterior.kind === 'mixture' && posterior.choice === 'entropy' ? posterior.components.length : 0;

/** One patch of one sample, warm. */
async function timePass(
  machine: Machine,
  { net, posterior }: { readonly net: UnetArchitecture; readonly posterior: WeightPosterior },
  { patch, overlap }: PredictionInput,
): Promise<number> {
  const weights = drawWeights(net, posterior, 0, rootKey(0));
  const image = new Float32Array(patch[0] * patch[1] * patch[2] * net.inputChannels).map((_, n) => Math.sin(n));
  const network = { net, weights, foregroundLogit: 0 };
  try {
    return await quickest(machine, () =>
      predictSample(network, { image, size: patch, patch, overlap }, async () => {}),
    );
  } finally {
    weights.kernels.dispose();
    weights.points.dispose();
  }
}

async function forecastAdaptation(ports: Ports, context: JobContext, request: JobRequest<'adapt'>): Promise<Forecast> {
  const recipe = parseRecipe(request.settings);
  const prior = request.prior ? await ports.priors.load(request.prior) : undefined;
  const dataset = await ports.scans.readDataset(request);
  const split = splitCases(chosenCases(dataset, request.cases), request);
  const { net, plan, training, heldOut } = await prepareTraining(ports, context, { dataset, ...split }, recipe);
  const patch = sidesOf(plan);
  const ensemble = request.method === 'ensemble';
  const pass = recipe.noise === 'activations' && request.method === 'dwp' ? 'local' : 'training';
  const scans = [...training, ...heldOut].map(({ size }) => size);
  const together = request.method === 'dwp' ? 1 : patchesTogether(recipe.batch, patch);
  const neededBytes =
    ports.machine.residentMemoryBytes() +
    trainingBytes(net, pass, { scans, patch, together, pooledPatches: recipe.pool.size });
  const budget = budgetOf(request, recipe, training.length);
  const key = derive(rootKey(request.seed), 'forecast');
  const method = trainingMethod(request.method === 'ensemble' ? 'ri' : request.method, {
    net,
    prior: prior?.weights,
    settings: recipe,
    observedVoxels: training.length * patch[0] * patch[1] * patch[2],
    key,
  });
  let state = startTraining(method.start());
  try {
    const batches = exampleBatches({
      caseCount: training.length,
      caseAt: async (number) => training[number]!,
      channels: net.inputChannels,
      classes: net.classes,
      patch,
      batch: recipe.batch,
      augmentation: recipe.augmentation,
      pool: recipe.pool,
      key,
    });
    const stepMs = await quickest(ports.machine, async () => {
      await context.breathe('forecasting');
      const batch = await batches(state.step);
      state = trainingStep(method.objective, state, batch, { rate: recipe.rate, key }).state;
      for (const { image, truth } of batch) {
        image.dispose();
        truth.dispose();
      }
    });
    const runs = ensemble && 'steps' in budget ? recipe.members : 1;
    const expectedMs = 'minutes' in budget ? budget.minutes * 60_000 : runs * budget.steps * stepMs;
    return { neededBytes, availableBytes: ports.machine.availableMemoryBytes(), expectedMs, patch };
  } finally {
    disposeTraining(state);
    method.dispose();
  }
}

/** Milliseconds of the quickest of a few runs, after one that warms up. */
async function quickest(machine: Machine, run: () => Promise<unknown>): Promise<number> {
  await run();
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < timedRepeats; n++) {
    const startedMs = machine.nowMs();
    await run();
    least = Math.min(least, machine.nowMs() - startedMs);
  }
  return least;
}
