import type { Evaluation } from '../../contract/evaluation.ts';
import { mapNames } from '../numerics/inference/posterior-accumulator.ts';
import {
  adaptiveCalibrationError,
  type CalibrationCounts,
  expectedCalibrationError,
  reliability,
} from '../numerics/metrics/calibration.ts';
import { intervalOfSamples } from '../numerics/metrics/interval-of-samples.ts';
import { coefficientOfVariation, meanOfDefined as mean } from '../numerics/metrics/moments.ts';
import { rankCorrelation } from '../numerics/metrics/rank-correlation.ts';
import { areaUnderCurve, averagePrecision, errorKept, type MapCounts } from '../numerics/metrics/wrong-voxel-curve.ts';
import type { CaseResult, Tally } from './evaluate-case.ts';

type Summary = Evaluation['summary'];
type StructureResult = CaseResult['structures'][number];

const removedShares = [0.01, 0.02, 0.05, 0.1, 0.2];
const levels = [0.5, 0.8, 0.9];

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
  const byMap = (where: 'near' | 'whole', measure: (counts: MapCounts) => number | null) =>
    Object.fromEntries(mapNames.map((name) => [name, measure(tally.maps[name][where])])) as Summary['auroc']; // one entry a name
  return {
    meanDice: across(({ dice }) => dice),
    structures,
    intervalCoverage: across(({ intervalCoverage }) => intervalCoverage),
    ...calibratedCoverage(cases),
    ece: across(({ ece }) => ece),
    ace: across(({ ace }) => ace),
    nll: near.voxels > 0 ? near.sum / near.voxels : null,
    volumeErrorMl: across(({ volumeErrorMl }) => volumeErrorMl),
    reliability: [...reliability(joined(tally.near))],
    band: { ece: over(tally.band, expectedCalibrationError), ace: over(tally.band, adaptiveCalibrationError) },
    auroc: byMap('near', areaUnderCurve),
    auprc: byMap('near', averagePrecision),
    errorKept: removedShares.map((removed) => ({
      removed,
      kept: byMap('near', (counts) => errorKept(counts, removed)),
    })),
    coverage: coverage(cases),
    scoreCorrelation: {
      sampleDice: scoreCorrelation(cases, ({ sampleDice }) => sampleDice ?? null),
      expectedDice: scoreCorrelation(cases, ({ expectedDice }) => expectedDice ?? null),
      volumeCv: scoreCorrelation(cases, ({ sampleVolumesMl }) =>
        sampleVolumesMl ? coefficientOfVariation(sampleVolumesMl) : null,
      ),
    },
    whole: {
      ece: over(tally.whole, expectedCalibrationError),
      ace: over(tally.whole, adaptiveCalibrationError),
      nll: whole.voxels > 0 ? whole.sum / whole.voxels : null,
      auroc: byMap('whole', areaUnderCurve),
    },
  };
}

/** Over all structures and cases. */
function calibratedCoverage(cases: readonly CaseResult[]): Pick<Summary, 'calibratedCoverage'> {
  const held = cases.flatMap(({ structures }) => structures.flatMap((one) => one.calibratedHoldsTruth ?? []));
  return held.length > 0 ? { calibratedCoverage: held.filter(Boolean).length / held.length } : {};
}

/** Of all structures and cases that have samples; a level that is beyond them is judged by their widest interval and says its own level. */
function coverage(cases: readonly CaseResult[]): NonNullable<Summary['coverage']> {
  const sampled = cases.flatMap(({ structures }) => structures).filter((one) => one.sampleVolumesMl !== undefined);
  const asked = levels.map((level) => {
    const held = sampled.map(({ sampleVolumesMl, trueVolumeMl }) => {
      const { low, high, level: has } = intervalOfSamples(sampleVolumesMl!, level);
      return { has, holds: trueVolumeMl >= low - tolerance(high) && trueVolumeMl <= high + tolerance(high) };
    });
    return { level: held[0]?.has ?? level, share: mean(held.map(({ holds }) => Number(holds))) };
  });
  return asked.filter(({ level }, place) => asked.findIndex((other) => other.level === level) === place);
}

/** Volumes are sums of voxels in floating point. */
const tolerance = (volume: number): number => 1e-6 * volume;

/** With the Dice that the samples cannot see, mean over structures; the sign is that of the score as it is. */
function scoreCorrelation(
  cases: readonly CaseResult[],
  score: (structure: StructureResult) => number | null,
): number | null {
  const places = cases[0]?.structures.map((_, place) => place) ?? [];
  return mean(
    places.map((place) => {
      const pairs = cases
        .map(({ structures }) => structures[place]!)
        .map((one) => [score(one), one.dice] as const)
        .filter((pair): pair is readonly [number, number] => pair[0] !== null && pair[1] !== null);
      return rankCorrelation(
        pairs.map(([scored]) => scored),
        pairs.map(([, dice]) => dice),
      );
    }),
  );
}

/** Counts of all structures added up. */
function joined(counts: readonly CalibrationCounts[]): CalibrationCounts {
  const sum = (name: keyof CalibrationCounts) =>
    counts.slice(1).reduce((total, one) => total.map((value, n) => value + one[name][n]!), counts[0]![name]);
  return { voxels: sum('voxels'), probability: sum('probability'), positives: sum('positives') };
}
