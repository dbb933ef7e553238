/** Counts of one structure's probabilities, finely binned, so that cases can be added up in bounded memory. */
export interface CalibrationCounts {
  readonly voxels: Float64Array;
  readonly probability: Float64Array;
  readonly positives: Float64Array;
}

const bins = 15;
/** Fine bins within each of the 15. */
const finer = 64;
const fineBins = bins * finer;

export const emptyCalibration = (): CalibrationCounts => ({
  voxels: new Float64Array(fineBins),
  probability: new Float64Array(fineBins),
  positives: new Float64Array(fineBins),
});

/** Adds one voxel in place. */
export function countProbability(counts: CalibrationCounts, probability: number, isPositive: boolean): void {
  const bin = Math.min(fineBins - 1, Math.max(0, Math.floor(probability * fineBins)));
  counts.voxels[bin]!++;
  counts.probability[bin]! += probability;
  if (isPositive) counts.positives[bin]!++;
}

/** One bar of a reliability diagram; confidence and accuracy are null where there is no voxel. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly voxels: number;
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** 15 bins of equal width. */
export function reliability(counts: CalibrationCounts): readonly ReliabilityBin[] {
  return Array.from({ length: bins }, (_, bin) => {
    const { voxels, probability, positives } = sumOver(counts, bin * finer, (bin + 1) * finer);
    return {
      low: bin / bins,
      high: (bin + 1) / bins,
      voxels,
      confidence: voxels > 0 ? probability / voxels : null,
      accuracy: voxels > 0 ? positives / voxels : null,
    };
  });
}

/** Expected calibration error over 15 bins of equal width (Guo et al. 2017), of the structure's probability against its truth; null without voxels. */
export function expectedCalibrationError(counts: CalibrationCounts): number | null {
  const parts = Array.from({ length: bins }, (_, bin) => sumOver(counts, bin * finer, (bin + 1) * finer));
  return meanGap(parts);
}

/** Adaptive calibration error: the same over 15 bins of about equal numbers of voxels (Nixon et al. 2019); bins end where a 1/960th of probability does. */
export function adaptiveCalibrationError(counts: CalibrationCounts): number | null {
  const total = counts.voxels.reduce((sum, value) => sum + value, 0);
  const parts: Sums[] = [];
  let from = 0;
  let held = 0;
  for (let bin = 0; bin < fineBins; bin++) {
    held += counts.voxels[bin]!;
    if (held < total / bins && bin < fineBins - 1) continue;
    parts.push(sumOver(counts, from, bin + 1));
    from = bin + 1;
    held = 0;
  }
  return meanGap(parts);
}

interface Sums {
  readonly voxels: number;
  readonly probability: number;
  readonly positives: number;
}

function sumOver(counts: CalibrationCounts, from: number, to: number): Sums {
  let [voxels, probability, positives] = [0, 0, 0];
  for (let bin = from; bin < to; bin++) {
    voxels += counts.voxels[bin]!;
    probability += counts.probability[bin]!;
    positives += counts.positives[bin]!;
  }
  return { voxels, probability, positives };
}

function meanGap(parts: readonly Sums[]): number | null {
  const total = parts.reduce((sum, { voxels }) => sum + voxels, 0);
  if (total === 0) return null;
  return parts.reduce((sum, { probability, positives }) => sum + Math.abs(probability - positives), 0) / total;
}
