import type { VoxelHeader } from '../../contract/app/voxel-message.ts';
import { cutBy, voxelOf } from './voxel-geometry.ts';

/** Where a brush is set down once. */
export interface Stamp {
  readonly centreRasMm: readonly [number, number, number];
  readonly radiusMm: number;
  /** Unit vector across the slice of a disc, RAS; a ball where there is none. */
  readonly acrossRas?: readonly [number, number, number] | undefined;
  /** 0 erases. */
  readonly label: number;
  /** An eraser of one structure leaves the others; a brush of any. */
  readonly only?: number | undefined;
  /** Intensities that it paints; all where there are none. */
  readonly range?: readonly [number, number] | undefined;
}

type Grid = Pick<VoxelHeader, 'size' | 'affineRasMm'>;

/** Labels after a brush was set down: voxels whose centre lies in the ball, or in voxels that the disc cuts. */
export function stamp(labels: Uint8Array, values: ArrayLike<number>, grid: Grid, brush: Stamp): Uint8Array {
  const { centreRasMm, radiusMm, acrossRas, label, only, range } = brush;
  const [ni, nj, nk] = grid.size;
  const rows = grid.affineRasMm;
  const spacing = [0, 1, 2].map((axis) => Math.hypot(...rows.map((row) => row[axis]!)));
  const centre = voxelOf(rows, centreRasMm);
  const isCut = acrossRas ? cutBy(rows, acrossRas) : () => true;
  const reach = spacing.map((side) => Math.ceil(radiusMm / side) + 1);
  const from = [0, 1, 2].map((axis) => Math.max(0, Math.round(centre[axis]!) - 2 * reach[axis]!));
  const to = [0, 1, 2].map((axis) => Math.min(grid.size[axis]! - 1, Math.round(centre[axis]!) + 2 * reach[axis]!));
  const next = labels.slice();
  for (let k = from[2]!; k <= Math.min(nk - 1, to[2]!); k++)
    for (let j = from[1]!; j <= to[1]!; j++)
      for (let i = from[0]!; i <= to[0]!; i++) {
        const n = i + ni * (j + nj * k);
        if (only !== undefined && labels[n] !== only) continue;
        if (range && (values[n]! < range[0] || values[n]! > range[1])) continue;
        const away = rows.map((row, part) => row[0]! * i + row[1]! * j + row[2]! * k + row[3]! - centreRasMm[part]!);
        const across = acrossRas ? away.reduce((sum, part, axis) => sum + part * acrossRas[axis]!, 0) : 0;
        if (!isCut(across)) continue;
        const squared = away.reduce((sum, part) => sum + part * part, 0) - (acrossRas ? across * across : 0);
        if (squared <= radiusMm * radiusMm) next[n] = label;
      }
  return next;
}
