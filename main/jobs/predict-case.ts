import type { IntervalCalibration, PreprocessingPlan } from '../../contract/model.ts';
import { spacingMm, voxelVolumeMl } from '../imaging/geometry/grids.ts';
import { type MapName, mapNames, mapValues } from '../numerics/inference/posterior-accumulator.ts';
import type { UnetArchitecture } from '../numerics/models/unet-layers.ts';
import type { WeightPosterior } from '../numerics/posteriors/weight-posterior.ts';
import type { CaseInput, Structure } from './evaluate-case.ts';
import type { RawCase } from './labelled-cases.ts';
import type { JobContext, Ports } from './ports.ts';
import { segmentScan } from './segment-scan.ts';
import { labelsFrom, native } from './write-segmentation.ts';

/** One labelled case, and the model that is to predict it. */
export interface CasePrediction {
  readonly raw: RawCase;
  readonly net: UnetArchitecture;
  readonly plan: PreprocessingPlan;
  readonly posterior: WeightPosterior;
  readonly borderDeviation: number;
  readonly temperature: number;
  /** Absent while there is none. */
  readonly intervalCalibration?: IntervalCalibration | null;
  readonly structures: readonly Structure[];
  readonly samples: number;
  /** Named in progress. */
  readonly title: string;
}

/** Segments a case under the posterior's samples and lays everything beside its labels, on the case's own grid. */
export async function predictCase(
  ports: Ports,
  context: JobContext,
  {
    raw,
    net,
    plan,
    posterior,
    borderDeviation,
    temperature,
    intervalCalibration = null,
    structures,
    samples,
    title,
  }: CasePrediction,
): Promise<CaseInput> {
  const { name, channels, labels } = raw;
  const result = await segmentScan(ports, context, {
    name,
    volumes: channels,
    model: {
      net,
      posterior,
      record: { plan, borderDeviation, temperature, intervalCalibration, gate: null, mixture: null },
    },
    request: { samples, seed: 0 },
    title,
  });
  const probability = native(result, result.maps.probability, 'probabilities');
  const predicted = labelsFrom(probability, [0, ...structures.map(({ label }) => label)]);
  const maps = Object.fromEntries(
    mapNames.map((name) => [name, native(result, mapValues(result.maps, name), 'map').voxels]),
  ) as Record<MapName, Float32Array>; // one entry a map
  return {
    name,
    grid: { size: labels.size, spacingMm: spacingMm(labels) },
    truth: labels.voxels,
    predicted: predicted.voxels,
    voxelMl: voxelVolumeMl(labels),
    probability: probability.voxels,
    maps,
    // a point estimate has one sample and no interval
    sampled: posterior.kind === 'point' ? undefined : result.summaries,
  };
}
