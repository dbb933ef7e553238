import type { Affine, Grid, Vec3, Volume, Voxels } from '../volume.ts';
import { emptyLike } from '../voxel-arrays.ts';
import { axes, invert, multiply } from './affine.ts';
import { voxelCount } from './grids.ts';
import { linearSampler, nearestSampler, type Sampler } from './samplers.ts';
import { smooth } from './smooth.ts';

export interface Resampling<Interpolation extends 'linear' | 'nearest' = 'linear' | 'nearest'> {
  readonly interpolation: Interpolation;
  /** Value of voxels whose centre lies outside the field of view of the source. */
  readonly outside: number;
  /** Of `linear`: where the result lies; a new array otherwise. */
  readonly into?: Float32Array | undefined;
}

/**
 * The volume on another grid of the same world. `linear` is trilinear, per component (so class probabilities stay
 * probabilities), into float32; within half a voxel of the edge the edge value goes on. Where the target is coarser
 * the source is smoothed first by the Gaussian that widens a voxel's point spread to the target's (Cardoso et al.
 * 2015, "Scale factor point spread function matching"). `nearest` keeps the type and takes the lower neighbour of two
 * equally near.
 */
export function resample<Data extends Voxels>(
  volume: Volume<Data>,
  grid: Grid,
  how: Resampling<'nearest'>,
): Volume<Data>;
export function resample(volume: Volume, grid: Grid, how: Resampling<'linear'>): Volume<Float32Array>;
export function resample(volume: Volume, grid: Grid, { interpolation, outside, into }: Resampling): Volume {
  const { components, warnings } = volume;
  const { size, affineRasMm } = grid;
  const toSource = multiply(invert(volume.affineRasMm), affineRasMm);
  const length = voxelCount(grid) * components;
  const linear = interpolation === 'linear';
  const voxels = linear ? (into ?? new Float32Array(length)) : emptyLike(volume.voxels, length);
  const sourceCount = voxelCount(volume);
  for (let component = 0; component < components; component++) {
    const source = volume.voxels.subarray(component * sourceCount, (component + 1) * sourceCount);
    const target = voxels.subarray(component * voxelCount(grid), (component + 1) * voxelCount(grid));
    const sampler = linear
      ? linearSampler(antialiased(source, volume.size, toSource), volume.size, outside)
      : nearestSampler(source, volume.size, outside);
    walk(target, size, toSource, sampler);
  }
  return { size, affineRasMm, voxels, components, warnings };
}

/** 2 sqrt(2 ln 2): full width at half maximum of a Gaussian over its deviation. */
const widthOverDeviation = 2 * Math.sqrt(2 * Math.log(2));
/** Steps up to 1 % longer than the source's are no downsampling. */
const longestStep = 1.01;

function antialiased(source: Voxels, size: Vec3, toSource: Affine): Float32Array {
  const steps = axes.map((axis) => Math.hypot(toSource[axis][0], toSource[axis][1], toSource[axis][2]));
  const deviation = (step: number) => (step > longestStep ? Math.sqrt(step * step - 1) / widthOverDeviation : 0);
  if (source instanceof Float32Array && steps.every((step) => step <= longestStep)) return source;
  const values = new Float32Array(source);
  smooth(values, size, [deviation(steps[0]!), deviation(steps[1]!), deviation(steps[2]!)]);
  return values;
}

/** Fills the target by the source's value at each voxel centre. */
function walk(target: Voxels, [ni, nj, nk]: Vec3, [xs, ys, zs]: Affine, valueAt: Sampler): void {
  let place = 0;
  for (let k = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      const x = xs[1] * j + xs[2] * k + xs[3];
      const y = ys[1] * j + ys[2] * k + ys[3];
      const z = zs[1] * j + zs[2] * k + zs[3];
      for (let i = 0; i < ni; i++) target[place++] = valueAt(x + xs[0] * i, y + ys[0] * i, z + zs[0] * i);
    }
  }
}
