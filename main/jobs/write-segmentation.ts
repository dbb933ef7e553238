import type { JobRequest } from '../../contract/jobs.ts';
import { type SegmentationReport, segmentationReportSchema } from '../../contract/segmentation-report.ts';
import { returnBlock } from '../imaging/geometry/block.ts';
import { voxelCount } from '../imaging/geometry/grids.ts';
import { classesToNative } from '../imaging/preprocessing/classes-to-native.ts';
import { type Prediction, toNative } from '../imaging/preprocessing/to-native.ts';
import type { Volume, Voxels } from '../imaging/volume.ts';
import { classesOfRuns } from '../numerics/inference/label-runs.ts';
import { type MapName, mapValues } from '../numerics/inference/posterior-accumulator.ts';
import type { LoadedModel } from './load-model.ts';
import type { Machine } from './ports.ts';
import type { ResultDraft } from './result-ports.ts';
import type { SegmentedScan } from './segment-scan.ts';
import { warningOf } from './unlikeness.ts';

interface Writing {
  readonly name: string;
  readonly result: SegmentedScan;
  readonly model: LoadedModel;
  readonly request: JobRequest<'segment'>;
  readonly machine: Machine;
  readonly startedMs: number;
}

/** Maps and their files' names. */
export const mapFiles = [
  ['expectedEntropy', 'expected-entropy'],
  ['mutualInformation', 'mutual-information'],
  ['variance', 'variance'],
  ['predictiveEntropy', 'predictive-entropy'],
] as const satisfies readonly (readonly [MapName, string])[];

/**
 * Writes maps, labels, picture and report of one scan, all on the scan's own grid. One map is held at a time, in the same memory,
 * since a whole scan's are large.
 */
export async function writeSegmentation(draft: ResultDraft, writing: Writing): Promise<SegmentationReport> {
  const { result, model, request } = writing;
  const { maps, volumes, placement } = result;
  const labelOf = [0, ...model.record.structures.map(({ label }) => label)];
  const probability = native(result, maps.probability, 'probabilities');
  const labels = labelsFrom(probability, labelOf);
  await draft.writeNifti('segmentation.nii.gz', labels);
  const { dicom } = volumes[0]!;
  if (dicom) {
    const { structures, name, modelVersion } = model.record;
    const drawnBy = { type: 'AUTOMATIC', name: `Fewscan, ${name} ${modelVersion}` } as const;
    await draft.writeDicomSegmentation('segmentation.dcm', labels, dicom, { structures, drawnBy });
  }
  await draft.writeNifti('probability.nii.gz', probability);
  const values = new Float32Array(maps.variance.length);
  const returned = new Float32Array(voxelCount(placement.native));
  const mapOf = (name: MapName) => native(result, mapValues(maps, name, values), 'map', returned);
  for (const [name, file] of mapFiles) await draft.writeNifti(`${file}.nii.gz`, mapOf(name));
  if (dicom && request.dicomMap)
    await draft.writeDicomUncertainty('uncertainty.dcm', mapOf('predictiveEntropy'), dicom, labelOf.length);
  const report = reportOf(writing);
  await draft.writeOverview('overview.png', {
    image: volumes[0]!,
    structures: model.record.structures.map((structure, place) => ({
      ...structure,
      probability: componentOf(probability, place + 1),
    })),
    predictiveEntropy: mapOf('predictiveEntropy').voxels,
    report,
  });
  if (request.keepSamples) await draft.writeNiftiSeries('samples.nii.gz', sampleSeries(result, labelOf));
  await draft.writeJson('report.json', report);
  return report;
}

/** The segmentation of each sample on the scan's own grid, as label values, made one at a time. */
function sampleSeries({ runs, placement, block, volumes }: SegmentedScan, labelOf: readonly number[]) {
  const { size, affineRasMm } = volumes[0]!;
  const voxels = voxelCount(placement.grid);
  const type = Math.max(...labelOf) > 255 ? Uint16Array : Uint8Array;
  function* images() {
    for (const sample of runs) {
      const inside = classesToNative(placement, classesOfRuns(sample, voxels));
      const whole = block ? returnBlock(inside, block, volumes[0]!) : inside;
      const labels = new type(whole.voxels.length);
      for (let n = 0; n < labels.length; n++) labels[n] = labelOf[whole.voxels[n]!]!;
      yield labels;
    }
  }
  return { grid: { size, affineRasMm }, count: runs.length, images: images() };
}

/**
 * Values on the plan's grid as a volume on the scan's grid; outside a box there is background, without doubt. What is within the
 * grid may lie in `into`, or be `values` themselves.
 */
export function native(
  result: SegmentedScan,
  values: Float32Array,
  kind: Prediction,
  into?: Float32Array,
): Volume<Float32Array> {
  const inside = toNative(result.placement, values, kind, into);
  if (!result.block) return inside;
  const whole = returnBlock(inside, result.block, result.volumes[0]!);
  if (kind === 'probabilities') fillBackground(whole);
  return whole;
}

/** Where no class has any probability the background has all. */
function fillBackground({ voxels, components }: Volume<Float32Array>): void {
  const count = voxels.length / components;
  for (let v = 0; v < count; v++) {
    let sum = 0;
    for (let k = 0; k < components; k++) sum += voxels[k * count + v]!;
    if (sum === 0) voxels[v] = 1;
  }
}

/** The most probable class of each voxel, as its label value. */
export function labelsFrom(probability: Volume<Float32Array>, labelOf: readonly number[]): Volume {
  const { voxels, components } = probability;
  const count = voxels.length / components;
  const type = Math.max(...labelOf) > 255 ? Uint16Array : Uint8Array;
  const labels: Voxels = new type(count);
  for (let v = 0; v < count; v++) {
    let best = 0;
    for (let k = 1; k < components; k++) if (voxels[k * count + v]! > voxels[best * count + v]!) best = k;
    labels[v] = labelOf[best]!;
  }
  return { ...probability, voxels: labels, components: 1 };
}

const componentOf = ({ voxels, components }: Volume<Float32Array>, component: number): Float32Array => {
  const count = voxels.length / components;
  return voxels.subarray(component * count, (component + 1) * count);
};

function reportOf({ name, result, model, request, machine, startedMs }: Writing): SegmentationReport {
  const { record, posterior } = model;
  const { summaries, volumes, runs, shares, unlikeness } = result;
  const { intervalCalibration } = record;
  const calibration = intervalCalibration && { level: intervalCalibration.level, scans: intervalCalibration.scans };
  const report: SegmentationReport = {
    version: 1,
    scan: name,
    structures: record.structures.map(({ name: structure, label }, place) => {
      const { volumeMl, calibratedMl, sampleDice, sampleIou, volumeCv, sampleVolumesMl } = summaries[place]!;
      return {
        name: structure,
        label,
        volumeMl,
        ...(calibratedMl && { calibratedMl }),
        sampleDice,
        sampleIou,
        volumeCv,
        sampleVolumesMl: [...sampleVolumesMl],
      };
    }),
    intervalLevel: summaries[0]!.intervalLevel,
    ...(summaries[0]!.calibratedMl && calibration && { calibration }),
    reviewScore: 1 - Math.min(...summaries.map(({ sampleDice }) => sampleDice)),
    ...(unlikeness && { unlikeness }),
    model: { name: record.name, version: record.modelVersion, method: record.method },
    ...(shares &&
      record.mixture && {
        components: record.mixture.components.map(({ site }, n) => ({ site, share: shares[n]! })),
      }),
    seed: request.seed,
    samples: runs.length,
    samplesAsked: posterior.kind === 'point' ? 1 : request.samples,
    samplesKept: request.keepSamples,
    compute: machine.compute,
    warnings: [...warningOf(unlikeness), ...volumes.flatMap(({ warnings }) => warnings)],
    elapsedMs: machine.nowMs() - startedMs,
    peakMemoryBytes: machine.peakMemoryBytes(),
  };
  return segmentationReportSchema.parse(report);
}
