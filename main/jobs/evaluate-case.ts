import type { Evaluation } from '../../contract/evaluation.ts';
import { type MapName, mapNames } from '../numerics/inference/posterior-accumulator.ts';
import { type CalibrationCounts, countProbability, emptyCalibration } from '../numerics/metrics/calibration.ts';
import { nearStructure } from '../numerics/metrics/near-structure.ts';
import { overlap } from '../numerics/metrics/overlap.ts';
import { type LabelGrid, surfaceDistance } from '../numerics/metrics/surface-distance.ts';
import { countMapValue, emptyMapCounts, type MapCounts } from '../numerics/metrics/wrong-voxel-curve.ts';

export type CaseResult = Evaluation['cases'][number];

export interface Structure {
  readonly name: string;
  readonly label: number;
}

/** The part of a structure's summary that is judged. */
export interface SampledStructure {
  readonly volumeMl: { readonly median: number; readonly low: number; readonly high: number };
  readonly calibratedMl?: { readonly low: number; readonly high: number } | undefined;
  readonly sampleDice: number;
  readonly sampleVolumesMl?: readonly number[] | undefined;
}

/** One predicted scan beside its truth, all on one grid, first axis fastest. */
export interface CaseInput {
  readonly name: string;
  readonly grid: LabelGrid;
  /** Label values. */
  readonly truth: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  readonly voxelMl: number;
  /** [K, V]: background, then the structures in their order; absent where there are only labels. */
  readonly probability?: Float32Array | undefined;
  readonly maps?: Readonly<Partial<Record<MapName, Float32Array>>> | undefined;
  /** What the samples say, by structure; absent for a point estimate. */
  readonly sampled?: readonly (SampledStructure | undefined)[] | undefined;
}

/** Counts over all cases so far. Its size does not depend on them. */
export interface Tally {
  readonly structures: readonly Structure[];
  readonly near: readonly CalibrationCounts[];
  readonly band: readonly CalibrationCounts[];
  readonly whole: readonly CalibrationCounts[];
  readonly nll: Record<'near' | 'whole', { sum: number; voxels: number }>;
  readonly maps: Readonly<Record<MapName, { readonly near: MapCounts; readonly whole: MapCounts; voxels: number }>>;
}

export function emptyTally(structures: readonly Structure[]): Tally {
  const counts = () => structures.map(emptyCalibration);
  const map = () => ({ near: emptyMapCounts(), whole: emptyMapCounts(), voxels: 0 });
  return {
    structures,
    near: counts(),
    band: counts(),
    whole: counts(),
    nll: { near: { sum: 0, voxels: 0 }, whole: { sum: 0, voxels: 0 } },
    maps: { predictiveEntropy: map(), expectedEntropy: map(), mutualInformation: map(), variance: map() },
  };
}

const leastProbability = 1e-7;

/** Figures of one case; adds what can only be judged over all cases to the tally, in place. */
export function evaluateCase(tally: Tally, input: CaseInput): CaseResult {
  const { truth, predicted, grid, voxelMl } = input;
  const structures = tally.structures.map(({ name, label }, place) => {
    const { dice, iou, truthVoxels, predictedVoxels } = overlap(truth, predicted, label);
    const sampled = input.sampled?.[place];
    const trueVolumeMl = truthVoxels * voxelMl;
    return {
      name,
      label,
      dice,
      iou,
      ...surfaceDistance(truth, predicted, label, grid),
      volumeMl: predictedVoxels * voxelMl,
      trueVolumeMl,
      intervalHoldsTruth: sampled ? holds(sampled.volumeMl, trueVolumeMl, voxelMl) : null,
      ...(sampled?.calibratedMl ? { calibratedHoldsTruth: holds(sampled.calibratedMl, trueVolumeMl, voxelMl) } : {}),
      ...(sampled ? { sampleDice: sampled.sampleDice } : {}),
      ...(input.probability ? { expectedDice: expectedDice(input, place, label) } : {}),
      ...(sampled?.sampleVolumesMl ? { sampleVolumesMl: [...sampled.sampleVolumesMl] } : {}),
    };
  });
  tallyCalibration(tally, input);
  tallyMaps(tally, input);
  return { name: input.name, structures };
}

/** Twice the mass of the predicted voxels over theirs and that of all: a ratio of expectations, which for many voxels is the expectation of Dice. */
function expectedDice({ probability, predicted, truth }: CaseInput, place: number, label: number): number | null {
  const voxels = truth.length;
  let [inside, mass, count] = [0, 0, 0];
  for (let v = 0; v < voxels; v++) {
    const p = probability![(place + 1) * voxels + v]!;
    mass += p;
    if (predicted[v] !== label) continue;
    inside += p;
    count++;
  }
  return count + mass > 0 ? (2 * inside) / (count + mass) : null;
}

/** Half a voxel of tolerance: volumes are sums of voxels in floating point. */
const holds = (
  { low, high }: { readonly low: number; readonly high: number },
  volumeMl: number,
  voxelMl: number,
): boolean => volumeMl >= low - voxelMl / 2 && volumeMl <= high + voxelMl / 2;

function tallyCalibration(tally: Tally, { truth, predicted, probability, grid }: CaseInput): void {
  if (!probability) return;
  const voxels = truth.length;
  for (const [place, { label }] of tally.structures.entries()) {
    const { region, band } = nearStructure((v) => truth[v] === label || predicted[v] === label, grid);
    const add = (counts: CalibrationCounts, v: number) =>
      countProbability(counts, probability[(place + 1) * voxels + v]!, truth[v] === label);
    for (const v of region) add(tally.near[place]!, v);
    for (const v of band) add(tally.band[place]!, v);
    for (let v = 0; v < voxels; v++) add(tally.whole[place]!, v);
  }
  const classOf = new Map(tally.structures.map(({ label }, place) => [label, place + 1]));
  const lossAt = (v: number) =>
    -Math.log(Math.max(leastProbability, probability[(classOf.get(truth[v]!) ?? 0) * voxels + v]!));
  const add = (where: 'near' | 'whole', v: number) => {
    tally.nll[where].sum += lossAt(v);
    tally.nll[where].voxels++;
  };
  for (const v of nearForeground(tally, truth, predicted, grid)) add('near', v);
  for (let v = 0; v < voxels; v++) add('whole', v);
}

/** Voxels within reach of any structure. */
const nearForeground = (
  tally: Tally,
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  grid: LabelGrid,
): Uint32Array => {
  const labels = new Set(tally.structures.map(({ label }) => label));
  return nearStructure((v) => labels.has(truth[v]!) || labels.has(predicted[v]!), grid).region;
};

function tallyMaps(tally: Tally, { truth, predicted, maps, grid }: CaseInput): void {
  if (!maps) return;
  const labels = new Set(tally.structures.map(({ label }) => label));
  const classOf = (value: number) => (labels.has(value) ? value : 0);
  const isWrong = (v: number) => classOf(truth[v]!) !== classOf(predicted[v]!);
  const near = nearForeground(tally, truth, predicted, grid);
  for (const name of mapNames) {
    const map = maps[name];
    if (!map) continue;
    for (const v of near) countMapValue(tally.maps[name].near, map[v]!, isWrong(v));
    for (let v = 0; v < map.length; v++) countMapValue(tally.maps[name].whole, map[v]!, isWrong(v));
    tally.maps[name].voxels += map.length;
  }
}
