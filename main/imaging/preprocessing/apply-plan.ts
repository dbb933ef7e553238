import { AppError } from '../../../contract/errors/app-error.ts';
import type { PreprocessingPlan } from '../../../contract/model.ts';
import { sameGrid } from '../geometry/grids.ts';
import { turnVolume } from '../geometry/reorient.ts';
import { resample } from '../geometry/resample.ts';
import type { Grid, Volume, Voxels } from '../volume.ts';
import { channelsOf } from './channels.ts';
import { normalise } from './normalise.ts';
import { type Placement, placementFor } from './plan-grid.ts';

/** A scan as the network sees it. */
export interface PreparedScan {
  /** [D, H, W, C]: D H W are the voxel axes k j i of `grid`, as in the volume's own order; channels interleaved. */
  readonly tensor: Float32Array;
  /** [D, H, W] */
  readonly size: readonly [number, number, number];
  readonly grid: Grid;
  /** For `toNative`: predictions on `grid` back to the scan's own. */
  readonly placement: Placement;
}

/**
 * Turns to the plan's orientation, resamples where the spacing differs by more than 1 %, and normalises each channel.
 * 4-D images count as their channels. @throws AppError data/channel-count, geometry/channels, image/constant
 */
export function applyPlan(volumes: readonly Volume[], plan: PreprocessingPlan, name = 'The scan'): PreparedScan {
  const channels = channelsOf(volumes);
  const needed = plan.normalisation.length;
  if (channels.length !== needed) throw new AppError('data/channel-count', { found: channels.length, needed });
  const first = channels[0]!; // the plan has at least one channel
  if (!channels.every((channel) => sameGrid(first, channel))) throw new AppError('geometry/channels', { name });
  const placement = placementFor({ size: first.size, affineRasMm: first.affineRasMm }, plan);
  const normalised = channels.map((channel, c) => {
    const turned = turnVolume(channel, placement.turn);
    const placed = placement.resampled
      ? resample(turned, placement.grid, { interpolation: 'linear', outside: 0 })
      : turned;
    return normalise(placed.voxels, plan.normalisation[c]!, name);
  });
  return {
    tensor: interleave(normalised),
    size: tensorSize(placement.grid),
    grid: placement.grid,
    placement,
  };
}

/** Labels on the grid of `applyPlan` for an image of the same grid; their voxels are [D, H, W]. */
export function applyPlanToLabels<Data extends Voxels>(labels: Volume<Data>, plan: PreprocessingPlan): Volume<Data> {
  const { turn, resampled, grid } = placementFor(labels, plan);
  const turned = turnVolume(labels, turn);
  return resampled ? resample(turned, grid, { interpolation: 'nearest', outside: 0 }) : turned;
}

const tensorSize = ({ size: [ni, nj, nk] }: Grid) => [nk, nj, ni] as const;

function interleave(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0]!;
  const count = channels.length;
  const tensor = new Float32Array(count * channels[0]!.length);
  for (const [c, values] of channels.entries())
    for (let n = 0; n < values.length; n++) tensor[n * count + c] = values[n]!;
  return tensor;
}
