import { perAxis } from '../tensors/per-axis.ts';
import { distanceTransform, type Triple } from './distance-transform.ts';
import { surfaceAreas } from './surface-areas.ts';

/** Distances between two surfaces; null where one of the masks is empty. */
export interface SurfaceDistance {
  /** The greater of the two 95th percentiles of the distance from one surface to the other, by area, mm. */
  readonly hd95Mm: number | null;
  /** Mean distance over both surfaces together, by area, mm. */
  readonly assdMm: number | null;
}

export interface LabelGrid {
  /** First axis fastest. */
  readonly size: Triple;
  readonly spacingMm: Triple;
}

interface Surface {
  /** 1 in each cell that the surface crosses. */
  readonly cells: Uint8Array;
  readonly codes: Uint8Array;
}

/** As DeepMind's surface-distance package (Nikolov et al. 2021): surface elements by cell, with their areas, exact distances between cells. */
export function surfaceDistance(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  value: number,
  { size, spacingMm }: LabelGrid,
): SurfaceDistance {
  const [a, b] = [boxOf(truth, value, size), boxOf(predicted, value, size)];
  if (!a || !b) return { hd95Mm: null, assdMm: null };
  const low = perAxis((axis) => Math.min(a.low[axis], b.low[axis]));
  const cells = perAxis((axis) => Math.max(a.high[axis], b.high[axis]) - low[axis] + 2); // a cell before and after
  const areas = surfaceAreas(spacingMm);
  const [first, second] = [
    surfaceOf(truth, value, { size, low, cells }),
    surfaceOf(predicted, value, { size, low, cells }),
  ];
  const there = measured(first, distanceTransform(second.cells, cells, spacingMm), areas);
  const back = measured(second, distanceTransform(first.cells, cells, spacingMm), areas);
  return {
    hd95Mm: Math.max(percentile(there, 0.95), percentile(back, 0.95)),
    assdMm: (there.moment + back.moment) / (there.area + back.area),
  };
}

interface Box {
  readonly low: Triple;
  readonly high: Triple;
}

function boxOf(labels: ArrayLike<number>, value: number, [ni, nj, nk]: Triple): Box | undefined {
  const low: [number, number, number] = [ni, nj, nk];
  const high: [number, number, number] = [-1, -1, -1];
  for (let v = 0; v < labels.length; v++) {
    if (labels[v] !== value) continue;
    const at = [v % ni, Math.floor(v / ni) % nj, Math.floor(v / (ni * nj))];
    for (const axis of [0, 1, 2] as const) {
      low[axis] = Math.min(low[axis], at[axis]!);
      high[axis] = Math.max(high[axis], at[axis]!);
    }
  }
  return high[0] < 0 ? undefined : { low, high };
}

/** Codes of the cells around a mask; cell c has corners at voxels c - 1 and c along each axis. */
function surfaceOf(
  labels: ArrayLike<number>,
  value: number,
  { size, low, cells }: { readonly size: Triple; readonly low: Triple; readonly cells: Triple },
): Surface {
  const codes = new Uint8Array(cells[0] * cells[1] * cells[2]);
  const isInside = (i: number, j: number, k: number): boolean =>
    i >= 0 &&
    j >= 0 &&
    k >= 0 &&
    i < size[0] &&
    j < size[1] &&
    k < size[2] &&
    labels[i + size[0] * (j + size[1] * k)] === value;
  for (let k = 0; k < cells[2] - 1; k++) {
    for (let j = 0; j < cells[1] - 1; j++) {
      for (let i = 0; i < cells[0] - 1; i++) {
        if (!isInside(low[0] + i, low[1] + j, low[2] + k)) continue;
        // this voxel is corner (1, 1, 1) of cell (i, j, k), and so on down to corner (0, 0, 0) of cell (i + 1, j + 1, k + 1)
        for (let c = 0; c < 8; c++) {
          const cell = i + (1 - (c & 1)) + cells[0] * (j + (1 - ((c >> 1) & 1)) + cells[1] * (k + (1 - (c >> 2))));
          codes[cell]! |= 1 << c;
        }
      }
    }
  }
  return { codes, cells: codes.map((code) => (code === 0 || code === 255 ? 0 : 1)) };
}

interface Measured {
  /** [distance, area], ascending. */
  readonly elements: readonly (readonly [number, number])[];
  readonly area: number;
  readonly moment: number;
}

function measured({ cells, codes }: Surface, distances: Float64Array, areas: Float64Array): Measured {
  const elements: [number, number][] = [];
  let [area, moment] = [0, 0];
  for (let c = 0; c < cells.length; c++) {
    if (cells[c] === 0) continue;
    const own = areas[codes[c]!]!;
    elements.push([distances[c]!, own]);
    area += own;
    moment += own * distances[c]!;
  }
  elements.sort(([x, a], [y, b]) => x - y || a - b);
  return { elements, area, moment };
}

/** Least distance within which a share of the area lies. */
function percentile({ elements, area }: Measured, share: number): number {
  let sum = 0;
  for (const [distance, own] of elements) {
    sum += own;
    if (sum / area >= share) return distance;
  }
  return elements.at(-1)![0]; // the surface of a mask that is not empty
}
