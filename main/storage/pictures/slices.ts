import type { Axis } from '../../imaging/geometry/affine.ts';
import { extractBlock } from '../../imaging/geometry/block.ts';
import { spacingMm, voxelCount } from '../../imaging/geometry/grids.ts';
import { turnTo } from '../../imaging/geometry/orientation.ts';
import { reorient } from '../../imaging/geometry/reorient.ts';
import type { Grid, Vec3, Volume } from '../../imaging/volume.ts';

export const planes = ['axial', 'coronal', 'sagittal'] as const;
export type Plane = (typeof planes)[number];

/** A slice as a person sees it: rows from the top, columns from the left. Radiological: the patient's right is on the left, anterior is left of a sagittal slice. */
export interface Slice {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
  /** Size of a pixel, mm. */
  readonly columnMm: number;
  readonly rowMm: number;
  /** Letters at the left, right, top and bottom edge. */
  readonly letters: readonly [string, string, string, string];
}

/** Voxel axes of a slice in a volume turned to RAS, and whether they run against the screen's. */
const layouts = {
  axial: { across: 0, down: 1, through: 2, flipAcross: true, flipDown: true, letters: ['R', 'L', 'A', 'P'] },
  coronal: { across: 0, down: 2, through: 1, flipAcross: true, flipDown: true, letters: ['R', 'L', 'S', 'I'] },
  sagittal: { across: 1, down: 2, through: 0, flipAcross: true, flipDown: true, letters: ['A', 'P', 'S', 'I'] },
} as const;

/** Voxel axis that runs through the slices of a plane, closest. */
export const throughAxis = ({ affineRasMm }: Grid, plane: Plane): Axis =>
  turnTo(affineRasMm, 'RAS').from[layouts[plane].through];

/** One slice of the first component: voxels at `index` along the axis through the plane. The rest of the volume is not copied. */
export function takeSlice(volume: Volume, plane: Plane, index: number): Slice {
  const axis = throughAxis(volume, plane);
  const first = { ...volume, components: 1, voxels: volume.voxels.subarray(0, voxelCount(volume)) };
  const perAxis = (of: (n: Axis) => number): Vec3 => [of(0), of(1), of(2)];
  const thin = extractBlock(first, {
    start: perAxis((n) => (n === axis ? index : 0)),
    size: perAxis((n) => (n === axis ? 1 : volume.size[n])),
  });
  const { size, voxels, ...placed } = reorient(thin, 'RAS');
  const { across, down, flipAcross, flipDown, letters } = layouts[plane];
  const steps = [1, size[0], size[0] * size[1]] as const;
  const [columns, rows] = [size[across], size[down]];
  const values = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const alongColumn = flipAcross ? columns - 1 - column : column;
      const alongRow = flipDown ? rows - 1 - row : row;
      values[row * columns + column] = voxels[alongColumn * steps[across] + alongRow * steps[down]]!;
    }
  }
  const spacing = spacingMm({ size, ...placed });
  return { columns, rows, values, columnMm: spacing[across], rowMm: spacing[down], letters };
}

/** Value between pixel centres, by the four around; the edge value holds beyond. */
export function valueBetween({ columns, rows, values }: Slice, column: number, row: number): number {
  const [x, y] = [Math.min(columns - 1, Math.max(0, column)), Math.min(rows - 1, Math.max(0, row))];
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(columns - 1, x0 + 1), Math.min(rows - 1, y0 + 1)];
  const at = (i: number, j: number) => values[j * columns + i]!;
  const [u, v] = [x - x0, y - y0];
  return (1 - v) * ((1 - u) * at(x0, y0) + u * at(x1, y0)) + v * ((1 - u) * at(x0, y1) + u * at(x1, y1));
}
