import { voxelCount } from '../geometry/grids.ts';
import { inverseTurn, isIdentity } from '../geometry/orientation.ts';
import { resample } from '../geometry/resample.ts';
import { interleavedLane, planarLane, turnVoxels } from '../geometry/turn-voxels.ts';
import type { Volume, Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import type { Placement } from './plan-grid.ts';

/**
 * What values of a prediction are: class probabilities [D, H, W, K] (linear, then summing to 1 again), a real map
 * [D, H, W] or [D, H, W, K] (linear), or labels [D, H, W] (nearest).
 */
export type Prediction = 'probabilities' | 'map' | 'labels';

/**
 * Brings values from the plan's grid ([D, H, W, K], K fastest) back to the scan's own grid, as a volume of K
 * components. A bare change of axes is undone exactly; a resampled scan is interpolated. The result lies in `into` where it
 * is given, or in `values` themselves where the grids are one.
 * @throws RangeError where the values are no whole number of voxels
 */
export function toNative<Data extends Voxels>(placement: Placement, values: Data, kind: 'labels'): Volume<Data>;
export function toNative(
  placement: Placement,
  values: Float32Array,
  kind: Prediction,
  into?: Float32Array,
): Volume<Float32Array>;
export function toNative(placement: Placement, values: Voxels, kind: Prediction, into?: Float32Array): Volume {
  const { grid, native, turn, resampled } = placement;
  const voxels = voxelCount(grid);
  const components = values.length / voxels;
  if (!Number.isInteger(components) || components < 1) throw new RangeError('toNative: values do not fill the grid');
  const identity = { from: [0, 1, 2], flip: [false, false, false] } as const;
  const isPlaced = components === 1 && (resampled || isIdentity(turn));
  const planar = isPlaced ? values : ((resampled ? undefined : into) ?? emptyLike(values, values.length));
  for (let c = 0; c < components && planar !== values; c++) {
    turnVoxels({
      source: values,
      sourceSize: grid.size,
      sourceLane: interleavedLane(c, components),
      turn: resampled ? identity : inverseTurn(turn),
      target: planar,
      targetLane: planarLane(c, voxels),
    });
  }
  const { size, affineRasMm } = native;
  if (!resampled) return { size, affineRasMm, voxels: planar, components, warnings: [] };
  const placed = { ...grid, voxels: planar, components, warnings: [] };
  if (kind === 'labels') return resample(placed, { size, affineRasMm }, { interpolation: 'nearest', outside: 0 });
  const returned = resample(placed, { size, affineRasMm }, { interpolation: 'linear', outside: 0, into });
  if (kind === 'probabilities') renormalise(returned.voxels, components);
  return returned;
}

/** Makes each voxel's classes sum to 1; background where nothing is known. */
function renormalise(probabilities: Float32Array, classes: number): void {
  const voxels = probabilities.length / classes;
  for (let n = 0; n < voxels; n++) {
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += probabilities[n + c * voxels]!;
    if (sum > 0) for (let c = 0; c < classes; c++) probabilities[n + c * voxels]! /= sum;
    else probabilities[n] = 1;
  }
}
