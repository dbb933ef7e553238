/** Counts of a map's values at right and wrong voxels, so that cases can be added up in bounded memory. */
export interface MapCounts {
  readonly right: Float64Array;
  readonly wrong: Float64Array;
}

/** The upper bits of a non-negative float32 are in its order; with 9 bits of its fraction values less than 1/512 apart are ties. */
const droppedBits = 14;
const buckets = 2 ** (31 - droppedBits);
const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

export const emptyMapCounts = (): MapCounts => ({ right: new Float64Array(buckets), wrong: new Float64Array(buckets) });

/** Adds one voxel in place. @param value non-negative */
export function countMapValue(counts: MapCounts, value: number, isWrong: boolean): void {
  float[0] = Math.max(0, value);
  const bucket = word[0]! >>> droppedBits;
  if (isWrong) counts.wrong[bucket]!++;
  else counts.right[bucket]!++;
}

/**
 * Area under precision over recall as voxels are taken from the greatest value down, by steps (average precision); ties come together.
 * Its level without any skill is the share of wrong voxels. null without a wrong voxel.
 */
export function averagePrecision({ right, wrong }: MapCounts): number | null {
  const wrongTotal = wrong.reduce((sum, count) => sum + count, 0);
  if (wrongTotal === 0) return null;
  let [found, taken, area] = [0, 0, 0];
  for (let bucket = buckets - 1; bucket >= 0; bucket--) {
    if (wrong[bucket] === 0 && right[bucket] === 0) continue;
    found += wrong[bucket]!;
    taken += wrong[bucket]! + right[bucket]!;
    area += (wrong[bucket]! / wrongTotal) * (found / taken);
  }
  return area;
}

/** Share of the wrong voxels that are left once a share of all voxels, those of the greatest values, is taken away; within ties by chance. null without a wrong voxel. */
export function errorKept({ right, wrong }: MapCounts, removed: number): number | null {
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);
  const wrongTotal = total(wrong);
  if (wrongTotal === 0) return null;
  let [toTake, found] = [removed * (wrongTotal + total(right)), 0];
  for (let bucket = buckets - 1; bucket >= 0 && toTake > 0; bucket--) {
    const here = wrong[bucket]! + right[bucket]!;
    if (here === 0) continue;
    found += wrong[bucket]! * Math.min(1, toTake / here);
    toTake -= here;
  }
  return 1 - found / wrongTotal;
}

/** Probability that a wrong voxel has a greater value than a right one, ties counted half (Mann and Whitney 1947); null without either. */
export function areaUnderCurve({ right, wrong }: MapCounts): number | null {
  let [rightBelow, pairs, wrongTotal] = [0, 0, 0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    pairs += wrong[bucket]! * (rightBelow + right[bucket]! / 2);
    rightBelow += right[bucket]!;
    wrongTotal += wrong[bucket]!;
  }
  return rightBelow === 0 || wrongTotal === 0 ? null : pairs / (rightBelow * wrongTotal);
}
