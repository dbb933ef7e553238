import type { Forecast } from '../../contract/forecast.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { blockOfBox, extractBlock } from '../imaging/geometry/block.ts';
import { voxelCount } from '../imaging/geometry/grids.ts';
import { refuseForeignFieldOfView } from '../imaging/preprocessing/checks.ts';
import { placementFor } from '../imaging/preprocessing/plan-grid.ts';
import { runsOfClasses } from '../numerics/inference/label-runs.ts';
import { emptyAccumulator, observeSample } from '../numerics/inference/posterior-accumulator.ts';
import { type PredictionInput, predictSample } from '../numerics/inference/predict-sample.ts';
import { drawWeights, type WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import { patchCorners } from '../numerics/tensors/patches.ts';
import { rootKey } from '../numerics/tensors/random.ts';
import { forecastAdaptation } from './forecast-adaptation.ts';
import { groupChannels } from './group-channels.ts';
import { type LoadedModel, loadModel } from './load-model.ts';
import type { JobContext, Machine, Ports } from './ports.ts';
import { fittingInput } from './segment-scan.ts';
import { timeRuns, warmUpMs } from './time-runs.ts';

/**
 * Checking, preparing, returning to the scan's grid and writing maps and picture, measured: the first scan (its code is compiled
 * then), each scan, and each voxel of it.
 */
const firstScanMs = 350;
const scanMs = 150;
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
  const { machine } = ports;
  let markedMs = machine.nowMs();
  const model = await loadModel(ports, request.model, request.modelVersion);
  const { net, record, posterior } = model;
  const inputs = await ports.scans.bundle(request.inputs);
  const files = (await Promise.all(inputs.map((input) => ports.scans.listScans(input)))).flat();
  const availableBytes = machine.availableMemoryBytes();
  const samples = (posterior.kind === 'point' ? 1 : request.samples) + choosingPasses(posterior);
  const costs = new Map<string, SampleCost>(); // by patch
  let [neededBytes, expectedMs] = [0, machine.nowMs() - markedMs + firstScanMs];
  let patch: Forecast['patch'] = [0, 0, 0];
  for (const { channels } of groupChannels(files, net.inputChannels)) {
    await context.breathe('forecasting');
    markedMs = machine.nowMs();
    const volume = await ports.scans.readVolume(channels[0]!.path);
    expectedMs += channels.length * (machine.nowMs() - markedMs);
    const inside = request.boxRasMm ? extractBlock(volume, blockOfBox(volume, request.boxRasMm)) : volume;
    refuseForeignFieldOfView(inside, record.plan);
    const placement = placementFor(inside, record.plan);
    const [ni, nj, nk] = placement.grid.size;
    const prepared = { tensor: new Float32Array(0), size: [nk, nj, ni] as const, placement };
    const input = fittingInput(machine, { net, record, prepared, request });
    const known = costs.get(input.patch.join());
    const cost = known ?? (await timeSample(machine, model, input));
    costs.set(input.patch.join(), cost);
    neededBytes = Math.max(neededBytes, input.neededBytes);
    const patches = patchCorners(input.size, input.patch, input.overlap).length;
    const sampleMs = cost.drawMs + patches * cost.patchMs + ni * nj * nk * cost.voxelMs;
    expectedMs += samples * sampleMs + (known ? 0 : cost.warmUpMs) + scanMs + voxelCount(volume) * voxelMs;
    patch = input.patch;
  }
  return { neededBytes, availableBytes, expectedMs, patch };
}

/** Passes that a mixture takes to choose its components on a scan. */
const choosingPasses = (posterior: WeightPosterior): number =>
  posterior.kind === 'mixture' && posterior.choice === 'entropy' ? posterior.components.length : 0;

/** Milliseconds that one posterior sample takes. */
interface SampleCost {
  readonly drawMs: number;
  readonly patchMs: number;
  /** Of each voxel: adding it to the sums and finding the structures. */
  readonly voxelMs: number;
  /** Of the first draw and patch beside later ones. */
  readonly warmUpMs: number;
}

/** One patch of one sample, piece by piece. */
async function timeSample(
  machine: Machine,
  { net, posterior }: Pick<LoadedModel, 'net' | 'posterior'>,
  { patch, overlap }: PredictionInput,
): Promise<SampleCost> {
  const voxels = patch[0] * patch[1] * patch[2];
  const image = new Float32Array(voxels * net.inputChannels).map((_, n) => Math.sin(n));
  const draw = () => drawWeights(net, posterior, 0, rootKey(0));
  const weights = draw();
  const network = { net, weights, foregroundLogit: 0 };
  const sums = emptyAccumulator(voxels, net.classes);
  let probability = sums.probability;
  try {
    const drawn = await timeRuns(machine, () => {
      const { kernels, points } = draw();
      kernels.dispose();
      points.dispose();
    });
    const passed = await timeRuns(machine, async () => {
      probability = await predictSample(network, { image, size: patch, patch, overlap }, async () => {});
    });
    const observed = await timeRuns(machine, () => runsOfClasses(observeSample(sums, probability), net.classes));
    return {
      drawMs: drawn.laterMs,
      patchMs: passed.laterMs,
      voxelMs: observed.laterMs / voxels,
      warmUpMs: warmUpMs(drawn) + warmUpMs(passed),
    };
  } finally {
    weights.kernels.dispose();
    weights.points.dispose();
  }
}
