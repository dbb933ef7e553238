/** How two masks overlap, from their voxel counts. Dice and IoU are null where both are empty. */
export interface Overlap {
  readonly dice: number | null;
  readonly iou: number | null;
  readonly truthVoxels: number;
  readonly predictedVoxels: number;
}

/** Overlap of the voxels that have `value` in two label images of one grid (Dice 1945; Jaccard 1912). */
export function overlap(truth: ArrayLike<number>, predicted: ArrayLike<number>, value: number): Overlap {
  let [shared, truthVoxels, predictedVoxels] = [0, 0, 0];
  for (let v = 0; v < truth.length; v++) {
    const [inTruth, inPredicted] = [truth[v] === value, predicted[v] === value];
    if (inTruth) truthVoxels++;
    if (inPredicted) predictedVoxels++;
    if (inTruth && inPredicted) shared++;
  }
  const mass = truthVoxels + predictedVoxels;
  return mass === 0
    ? { dice: null, iou: null, truthVoxels, predictedVoxels }
    : { dice: (2 * shared) / mass, iou: shared / (mass - shared), truthVoxels, predictedVoxels };
}
