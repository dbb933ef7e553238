import type { VoxelHeader } from '../../contract/app/voxel-message.ts';
import type { Plane } from '../viewer/scan-view-settings.ts';
import { acrossOf, cutBy, voxelOf } from './voxel-geometry.ts';

type Point = readonly [number, number, number];

/** A line drawn around something on one slice; its ends are joined. */
export interface Outline {
  readonly plane: Plane;
  /** RAS mm, all on the slice. */
  readonly corners: readonly Point[];
}

/**
 * Labels after an outline was filled (`label` 0 cuts): voxels that the slice cuts and whose centre the line goes around, so that
 * a loop within a loop is filled too.
 */
export function fillOutline(
  labels: Uint8Array,
  { size, affineRasMm: rows }: Pick<VoxelHeader, 'size' | 'affineRasMm'>,
  { plane, corners, label }: Outline & { readonly label: number },
): Uint8Array {
  const next = labels.slice();
  if (corners.length < 3) return next;
  const across = acrossOf[plane].findIndex((part) => part !== 0);
  const [u, v] = [0, 1, 2].filter((axis) => axis !== across) as [number, number]; // all but one
  const isCut = cutBy(rows, acrossOf[plane]);
  const [low, high] = voxelBox(rows, size, corners);
  for (let k = low[2]; k <= high[2]; k++)
    for (let j = low[1]; j <= high[1]; j++)
      for (let i = low[0]; i <= high[0]; i++) {
        const centre = rows.map((row) => row[0]! * i + row[1]! * j + row[2]! * k + row[3]!);
        if (!isCut(centre[across]! - corners[0]![across]!)) continue;
        if (windings(corners, [u, v], [centre[u]!, centre[v]!]) !== 0) next[i + size[0] * (j + size[1] * k)] = label;
      }
  return next;
}

/** Voxels that may be inside: those of the corners and two further ones on each side. */
function voxelBox(rows: VoxelHeader['affineRasMm'], size: Point, corners: readonly Point[]): [Point, Point] {
  const low: Point = [0, 1, 2].map((axis) => Math.min(...corners.map((one) => one[axis]!))) as never; // three axes
  const high: Point = [0, 1, 2].map((axis) => Math.max(...corners.map((one) => one[axis]!))) as never;
  const ends = [0, 1, 2, 3, 4, 5, 6, 7].map((n) =>
    voxelOf(rows, [n & 1 ? high[0] : low[0], n & 2 ? high[1] : low[1], n & 4 ? high[2] : low[2]]),
  );
  const end = (axis: 0 | 1 | 2, choose: (...values: number[]) => number, margin: number) =>
    Math.min(size[axis] - 1, Math.max(0, Math.round(choose(...ends.map((one) => one[axis]))) + margin));
  return [
    [end(0, Math.min, -2), end(1, Math.min, -2), end(2, Math.min, -2)],
    [end(0, Math.max, 2), end(1, Math.max, 2), end(2, Math.max, 2)],
  ];
}

/** How often the closed line goes around a point. */
function windings(
  corners: readonly Point[],
  [u, v]: readonly [number, number],
  [x, y]: readonly [number, number],
): number {
  let count = 0;
  for (let n = 0; n < corners.length; n++) {
    const [from, to] = [corners[n]!, corners[(n + 1) % corners.length]!];
    const [x0, y0, x1, y1] = [from[u]!, from[v]!, to[u]!, to[v]!];
    if (y0 <= y === y1 <= y) continue; // does not cross the point's height
    const side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0);
    if (y1 > y0 && side > 0) count++;
    else if (y1 < y0 && side < 0) count--;
  }
  return count;
}
