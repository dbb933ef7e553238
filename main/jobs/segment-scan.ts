import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { type Block, blockOfBox, extractBlock } from '../imaging/geometry/block.ts';
import { voxelCount, voxelVolumeMl } from '../imaging/geometry/grids.ts';
import { applyPlan, type PreparedScan } from '../imaging/preprocessing/apply-plan.ts';
import { refuseForeignFieldOfView, refuseNonFinite } from '../imaging/preprocessing/checks.ts';
import type { Placement } from '../imaging/preprocessing/plan-grid.ts';
import type { Volume } from '../imaging/volume.ts';
import { segmentationBytes } from '../numerics/cost/forecast-memory.ts';
import { copyAccumulator, type PosteriorMaps, posteriorMaps } from '../numerics/inference/posterior-accumulator.ts';
import { type PosteriorPrediction, predictPosterior } from '../numerics/inference/posterior-prediction.ts';
import type { PredictionInput } from '../numerics/inference/predict-sample.ts';
import { type StructureSummary, structureSummaries } from '../numerics/inference/structure-summaries.ts';
import type { Sides } from '../numerics/tensors/patches.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';
import type { LoadedModel } from './load-model.ts';
import type { JobContext, Machine, Ports } from './ports.ts';
import { predictionInput } from './prediction-input.ts';
import { unlikenessOf } from './unlikeness.ts';

export interface SegmentedScan {
  readonly volumes: readonly Volume[];
  /** Where the box was, if one was given. */
  readonly block: Block | undefined;
  readonly placement: Placement;
  readonly maps: PosteriorMaps;
  /** The structures in each sample, on the prepared grid. */
  readonly runs: PosteriorPrediction['runs'];
  readonly summaries: readonly StructureSummary[];
  /** Of a mixture: the share of samples that each component got. */
  readonly shares: readonly number[] | undefined;
  readonly unlikeness: ReturnType<typeof unlikenessOf>;
}

interface ScanInput {
  readonly name: string;
  readonly volumes: readonly Volume[];
  readonly model: Pick<LoadedModel, 'net' | 'posterior'> & {
    readonly record: Pick<
      LoadedModel['record'],
      'plan' | 'borderDeviation' | 'temperature' | 'gate' | 'mixture' | 'intervalCalibration'
    >;
  };
  readonly request: Pick<JobRequest<'segment'>, 'samples' | 'seed' | 'boxRasMm'> & Keeping;
  readonly title: string;
  /** Awaited after each sample but the last; `result` makes a result of the samples so far. */
  readonly onSample?: (samples: number, result: () => SegmentedScan) => Promise<void>;
}

/** What of a request weighs on memory. */
type Keeping = Partial<Pick<JobRequest<'segment'>, 'memoryLimitBytes' | 'keepSamples' | 'interim'>>;

/** Checks a scan against the model, forecasts its memory, and segments it under the posterior's samples. */
export async function segmentScan(
  ports: Ports,
  context: JobContext,
  { name, volumes, model, request, title, onSample }: ScanInput,
): Promise<SegmentedScan> {
  const { record, net, posterior } = model;
  for (const volume of volumes) refuseNonFinite(volume, name);
  const block = request.boxRasMm ? blockOfBox(volumes[0]!, request.boxRasMm) : undefined;
  const inside = block ? volumes.map((volume) => extractBlock(volume, block)) : volumes;
  refuseForeignFieldOfView(inside[0]!, record.plan);
  const prepared = applyPlan(inside, record.plan, name);
  const input = fittingInput(ports.machine, { net, record, prepared, request });
  const unlikeness = unlikenessOf(record.mixture?.components.map(({ gate }) => gate) ?? [record.gate], {
    image: prepared.tensor,
    size: prepared.size,
    channels: net.inputChannels,
  });
  const phase = `segmenting ${title}`;
  const samples = posterior.kind === 'point' ? 1 : request.samples; // samples of a point estimate are all the same
  context.report({ phase, done: 0, total: samples, unit: 'samples' });
  const resultOf = ({ sums, runs, shares }: PosteriorPrediction): SegmentedScan => ({
    volumes,
    block,
    placement: prepared.placement,
    maps: posteriorMaps(sums),
    runs,
    summaries: structureSummaries(runs, voxelVolumeMl(prepared.grid), record.intervalCalibration?.factors),
    shares,
    unlikeness,
  });
  const prediction = await predictPosterior(
    {
      net,
      posterior,
      samples,
      borderDeviation: record.borderDeviation,
      temperature: record.temperature,
      key: derive(rootKey(request.seed), 'segment'),
      breathe: () => context.breathe(phase),
      onSample: async ({ sums, runs, shares }) => {
        context.report({ phase, done: runs.length, total: samples, unit: 'samples' });
        if (runs.length < samples)
          await onSample?.(runs.length, () => resultOf({ sums: copyAccumulator(sums), runs: [...runs], shares }));
      },
    },
    input,
  );
  return resultOf(prediction);
}

/** The patches that fit into memory. @throws AppError `compute/not-enough-memory` where none does */
export function fittingInput(
  machine: Machine,
  {
    net,
    record,
    prepared,
    request,
  }: Pick<ScanInput['model'], 'net' | 'record'> & {
    readonly prepared: Pick<PreparedScan, 'tensor' | 'size' | 'placement'>;
    readonly request: Keeping;
  },
): PredictionInput & { readonly neededBytes: number } {
  const { size, placement } = prepared;
  const residentBytes = machine.residentMemoryBytes();
  const availableBytes = Math.min(machine.availableMemoryBytes(), request.memoryLimitBytes ?? Number.POSITIVE_INFINITY);
  const bytesOf = (patch: Sides) =>
    residentBytes + segmentationBytes(net, voxelCount(placement.native), { size, patch }, request);
  const input = predictionInput(
    { image: prepared.tensor, size },
    record.plan,
    (patch) => bytesOf(patch) <= availableBytes,
  );
  const neededBytes = bytesOf(input.patch);
  if (neededBytes > availableBytes) throw new AppError('compute/not-enough-memory', { neededBytes, availableBytes });
  return { ...input, neededBytes };
}
