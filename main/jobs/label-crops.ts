import { AppError } from '../../contract/errors/app-error.ts';
import { extractBlock } from '../imaging/geometry/block.ts';
import { spacingMm } from '../imaging/geometry/grids.ts';
import { reorient } from '../imaging/geometry/reorient.ts';
import { asLabels } from '../imaging/preprocessing/checks.ts';
import type { Volume } from '../imaging/volume.ts';
import { reachOf } from '../numerics/synthesis/margin.ts';
import type { SynthesisSettings } from '../numerics/synthesis/synthesis-settings.ts';
import type { LabelCrop } from '../numerics/synthesis/synthesize-image.ts';
import type { Sides } from '../numerics/tensors/patches.ts';
import { perAxis } from '../numerics/tensors/per-axis.ts';

/** The surroundings of one structure in one label map, in RAS orientation. */
export interface StructureCrop extends LabelCrop {
  readonly spacingMm: Sides;
  /** The side of the map's content that the structure lies on. */
  readonly side: 'left' | 'right';
}

interface Box {
  readonly low: Sides;
  readonly high: Sides;
}

/**
 * Cuts the surroundings of each target label out of a label map; only these are kept, the map can go.
 * @throws AppError of labels, `synthesis/label-range`, `synthesis/crop-too-large`
 */
export function cropStructures(
  map: Volume,
  name: string,
  targets: readonly number[],
  settings: SynthesisSettings,
): readonly StructureCrop[] {
  const turned = asLabels(reorient(map, 'RAS'), name);
  const { voxels } = turned;
  if (voxels instanceof Int32Array) throw new AppError('synthesis/label-range', { name });
  const [ni, nj, nk] = turned.size;
  const size: Sides = [nk, nj, ni];
  if (size.some((length, axis) => length < settings.crop[axis]!)) {
    throw new AppError('synthesis/crop-too-large', { name, crop: inXyz(settings.crop), size: inXyz(size) });
  }
  const [si, sj, sk] = spacingMm(turned);
  const spacing: Sides = [sk, sj, si];
  const reach = reachOf({ ...settings, spatial: { ...settings.spatial, spacingMm: spacing } });
  const boxes = boxesOf(voxels, size, targets);
  return targets.flatMap((target) => {
    const box = boxes.get(target);
    return box
      ? [{ ...cut({ ...turned, voxels }, box, reach), spacingMm: spacing, side: sideOf(box, boxes.get(0)!) }]
      : [];
  });
}

const inXyz = (sides: Sides): string => [...sides].reverse().join('x');
const middle = ({ low, high }: Box, axis: 0 | 1 | 2): number => (low[axis] + high[axis]) / 2;
/** x grows to the right. */
const sideOf = (box: Box, content: Box): StructureCrop['side'] =>
  middle(box, 2) < middle(content, 2) ? 'left' : 'right';

/** First and last voxel along D, H, W of each target that occurs, and under 0 of everything labelled. One pass: maps are large. */
function boxesOf(
  labels: Uint8Array | Uint16Array,
  [, high, wide]: Sides,
  targets: readonly number[],
): ReadonlyMap<number, Box> {
  const isTarget = new Uint8Array(65536);
  for (const target of targets) isTarget[target] = 1;
  const boxes = new Map<number, Box>();
  for (let start = 0; start < labels.length; start += wide) {
    const [d, h] = [Math.floor(start / (high * wide)), Math.floor(start / wide) % high];
    let [first, last] = [-1, -1];
    for (let w = 0; w < wide; w++) {
      const label = labels[start + w]!;
      if (label === 0) continue;
      if (first === -1) first = w;
      last = w;
      if (isTarget[label] === 1) boxes.set(label, grown(boxes.get(label), [d, h, w], [d, h, w]));
    }
    if (first !== -1) boxes.set(0, grown(boxes.get(0), [d, h, first], [d, h, last]));
  }
  return boxes;
}

const grown = (box: Box | undefined, low: Sides, high: Sides): Box =>
  box
    ? {
        low: [Math.min(box.low[0], low[0]), Math.min(box.low[1], low[1]), Math.min(box.low[2], low[2])],
        high: [Math.max(box.high[0], high[0]), Math.max(box.high[1], high[1]), Math.max(box.high[2], high[2])],
      }
    : { low, high };

function cut(map: Volume<Uint8Array | Uint16Array>, box: Box, reach: Sides): LabelCrop {
  const centre = perAxis((axis) => middle(box, axis));
  const first = perAxis((axis) => Math.floor(centre[axis] - reach[axis]));
  const size = perAxis((axis) => Math.ceil(centre[axis] + reach[axis]) - first[axis] + 1);
  const { voxels } = extractBlock(map, { start: [first[2], first[1], first[0]], size: [size[2], size[1], size[0]] });
  return {
    labels: Uint16Array.from(voxels),
    values: [...new Set(voxels)],
    size,
    centre: perAxis((axis) => centre[axis] - first[axis]),
  };
}
