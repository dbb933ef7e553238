import type { Evaluation } from '../../contract/evaluation.ts';
import {
  adaptiveCalibrationError,
  type CalibrationCounts,
  expectedCalibrationError,
  reliability,
} from '../numerics/metrics/calibration.ts';
import { areaUnderCurve } from '../numerics/metrics/wrong-voxel-curve.ts';
import { type CaseResult, mapNames, type Tally } from './evaluate-case.ts';

type Summary = Evaluation['summary'];

/** What all cases say together; a mean leaves out cases where the figure is not defined, and is null where none is left. */
export function summarise(tally: Tally, cases: readonly CaseResult[]): Summary {
  const of = (place: number) => cases.map(({ structures }) => structures[place]!);
  const structures = tally.structures.map(({ name, label }, place) => ({
    name,
    label,
    cases: cases.length,
    dice: mean(of(place).map(({ dice }) => dice)),
    iou: mean(of(place).map(({ iou }) => iou)),
    hd95Mm: mean(of(place).map(({ hd95Mm }) => hd95Mm)),
    assdMm: mean(of(place).map(({ assdMm }) => assdMm)),
    ece: expectedCalibrationError(tally.near[place]!),
    ace: adaptiveCalibrationError(tally.near[place]!),
    volumeErrorMl: mean(of(place).map(({ volumeMl, trueVolumeMl }) => Math.abs(volumeMl - trueVolumeMl))),
    intervalCoverage: mean(
      of(place).map(({ intervalHoldsTruth }) => (intervalHoldsTruth === null ? null : Number(intervalHoldsTruth))),
    ),
  }));
  const across = (figure: (structure: (typeof structures)[number]) => number | null) => mean(structures.map(figure));
  const over = (counts: readonly CalibrationCounts[], measure: (one: CalibrationCounts) => number | null) =>
    mean(counts.map(measure));
  const { near, whole } = tally.nll;
  const auroc = (where: 'near' | 'whole') =>
    Object.fromEntries(mapNames.map((name) => [name, areaUnderCurve(tally.maps[name][where])])) as Summary['auroc']; // one entry a name
  return {
    meanDice: across(({ dice }) => dice),
    structures,
    intervalCoverage: across(({ intervalCoverage }) => intervalCoverage),
    ece: across(({ ece }) => ece),
    ace: across(({ ace }) => ace),
    nll: near.voxels > 0 ? near.sum / near.voxels : null,
    volumeErrorMl: across(({ volumeErrorMl }) => volumeErrorMl),
    reliability: [...reliability(joined(tally.near))],
    band: { ece: over(tally.band, expectedCalibrationError), ace: over(tally.band, adaptiveCalibrationError) },
    auroc: auroc('near'),
    whole: {
      ece: over(tally.whole, expectedCalibrationError),
      ace: over(tally.whole, adaptiveCalibrationError),
      nll: whole.voxels > 0 ? whole.sum / whole.voxels : null,
      auroc: auroc('whole'),
    },
  };
}

function mean(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

/** Counts of all structures added up. */
function joined(counts: readonly CalibrationCounts[]): CalibrationCounts {
  const sum = (name: keyof CalibrationCounts) =>
    counts.slice(1).reduce((total, one) => total.map((value, n) => value + one[name][n]!), counts[0]![name]);
  return { voxels: sum('voxels'), probability: sum('probability'), positives: sum('positives') };
}
