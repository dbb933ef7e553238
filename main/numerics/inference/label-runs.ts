/** The voxels of one structure in one sample as runs [start, end), ascending: small where the structure is. */
export interface LabelRuns {
  readonly bounds: Uint32Array;
  readonly voxelCount: number;
}

/** Runs of each class 1 to K - 1 in an argmax image. */
export function runsOfClasses(classes: Uint8Array, count: number): readonly LabelRuns[] {
  const bounds: number[][] = Array.from({ length: count }, () => []);
  let start = 0;
  for (let n = 1; n <= classes.length; n++) {
    if (n < classes.length && classes[n] === classes[start]) continue;
    bounds[classes[start]!]!.push(start, n);
    start = n;
  }
  return bounds.slice(1).map((list) => ({
    bounds: Uint32Array.from(list),
    voxelCount: list.reduce((sum, bound, n) => sum + (n % 2 === 0 ? -bound : bound), 0),
  }));
}

/** The argmax image [V] that `runsOfClasses` took apart. */
export function classesOfRuns(runs: readonly LabelRuns[], voxels: number): Uint8Array {
  const classes = new Uint8Array(voxels);
  for (const [structure, { bounds }] of runs.entries())
    for (let n = 0; n < bounds.length; n += 2) classes.fill(structure + 1, bounds[n], bounds[n + 1]);
  return classes;
}

/** Voxels that two run lists share. */
export function sharedVoxels(a: LabelRuns, b: LabelRuns): number {
  let [i, j, shared] = [0, 0, 0];
  while (i < a.bounds.length && j < b.bounds.length) {
    shared += Math.max(0, Math.min(a.bounds[i + 1]!, b.bounds[j + 1]!) - Math.max(a.bounds[i]!, b.bounds[j]!));
    if (a.bounds[i + 1]! < b.bounds[j + 1]!) i += 2;
    else j += 2;
  }
  return shared;
}

/** Mean Dice and IoU over all pairs of samples of one structure; 1 for a pair of empty ones, and for a single sample. */
export function sampleAgreement(samples: readonly LabelRuns[]): { readonly dice: number; readonly iou: number } {
  let [dice, iou, pairs] = [0, 0, 0];
  for (const [n, a] of samples.entries())
    for (const b of samples.slice(n + 1)) {
      const shared = sharedVoxels(a, b);
      const mass = a.voxelCount + b.voxelCount;
      dice += mass === 0 ? 1 : (2 * shared) / mass;
      iou += mass === 0 ? 1 : shared / (mass - shared);
      pairs++;
    }
  return pairs === 0 ? { dice: 1, iou: 1 } : { dice: dice / pairs, iou: iou / pairs };
}
