/** A closed surface: corners in RAS+ mm, x y z one after the other, and triangles of corners seen anticlockwise from outside. */
export interface Surface {
  readonly pointsRasMm: Float32Array;
  readonly triangles: Uint32Array;
  /** Unit vectors outwards, one a corner. */
  readonly normals: Float32Array;
}

interface LabelGrid {
  readonly size: readonly [number, number, number];
  /** Rows of the voxel-to-world matrix. */
  readonly affineRasMm: readonly (readonly number[])[];
}

/** Passes that move each corner to the mean of its neighbours, at most half a voxel from where the voxels put it (Gibson 1998). */
const relaxations = 8;

/**
 * The border of one label as a surface net (Gibson, Constrained elastic surface nets, 1998): a corner in each cell of eight voxels
 * that the border crosses, four cells around each crossed edge joined, corners relaxed within their cells. Smooth where marching
 * cubes of a label image leave stairs, closed at the border of the scan, and never more than a voxel from it.
 * @returns undefined where the label is nowhere
 */
export function surfaceOf(labels: Uint8Array, grid: LabelGrid, label: number): Surface | undefined {
  const box = boxOf(labels, grid.size, label);
  if (!box) return undefined;
  const net = crossedCells(labels, grid.size, { label, ...box });
  relax(net);
  return inWorld(net, grid);
}

interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

function boxOf(labels: Uint8Array, [ni, nj, nk]: LabelGrid['size'], label: number): Box | undefined {
  const low = [ni, nj, nk];
  const high = [-1, -1, -1];
  for (let k = 0, n = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++, n++) {
        if (labels[n] !== label) continue;
        if (i < low[0]!) low[0] = i;
        if (i > high[0]!) high[0] = i;
        if (j < low[1]!) low[1] = j;
        if (j > high[1]!) high[1] = j;
        if (k < low[2]!) low[2] = k;
        high[2] = k;
      }
  return high[0]! < 0 ? undefined : { low, high };
}

/** Corners in voxels, the cell of each, and the corners around each crossed edge in fours. */
interface Net {
  readonly corners: Float32Array;
  readonly cells: Int32Array;
  readonly quads: Uint32Array;
}

/** The cell at (i, j, k) reaches from that voxel to the next along each axis; the box is taken one voxel wider, so that surfaces close. */
function crossedCells(labels: Uint8Array, [ni, nj]: LabelGrid['size'], box: Box & { readonly label: number }): Net {
  const [wi, wj, wk] = [0, 1, 2].map((axis) => box.high[axis]! - box.low[axis]! + 3) as [number, number, number];
  const inside = new Uint8Array(wi * wj * wk);
  for (let k = 1; k < wk - 1; k++)
    for (let j = 1; j < wj - 1; j++) {
      const from = box.low[0]! - 1 + ni * (box.low[1]! + j - 1 + nj * (box.low[2]! + k - 1));
      const to = wi * (j + wj * k);
      for (let i = 1; i < wi - 1; i++) inside[to + i] = labels[from + i] === box.label ? 1 : 0;
    }
  const steps = [1, wi, wi * wj] as const;
  const cornerOf = new Int32Array(inside.length).fill(-1);
  const corners: number[] = [];
  const cells: number[] = [];
  for (let k = 0; k < wk - 1; k++)
    for (let j = 0; j < wj - 1; j++)
      for (let i = 0; i < wi - 1; i++) {
        const n = i + wi * (j + wj * k);
        const corner = meanCrossing(inside, n, steps);
        if (!corner) continue;
        cornerOf[n] = cells.length / 3;
        cells.push(i + box.low[0]! - 1, j + box.low[1]! - 1, k + box.low[2]! - 1);
        corners.push(...corner.map((part, axis) => part + cells.at(axis - 3)!));
      }
  const quads: number[] = [];
  for (let n = 0; n < inside.length; n++)
    for (const [axis, step] of steps.entries()) {
      if (n + step >= inside.length || inside[n] === inside[n + step]) continue;
      const [a, b] = [steps[(axis + 1) % 3]!, steps[(axis + 2) % 3]!];
      const around = [n - a - b, n - b, n, n - a].map((cell) => cornerOf[cell]!);
      quads.push(...(inside[n] === 1 ? around : around.reverse()));
    }
  return { corners: Float32Array.from(corners), cells: Int32Array.from(cells), quads: Uint32Array.from(quads) };
}

/** Mean of the middles of the cell's crossed edges, from the cell's first voxel; undefined where none is crossed. */
function meanCrossing(inside: Uint8Array, n: number, [a, b, c]: readonly [number, number, number]) {
  const bits =
    inside[n]! |
    (inside[n + a]! << 1) |
    (inside[n + b]! << 2) |
    (inside[n + a + b]! << 3) |
    (inside[n + c]! << 4) |
    (inside[n + a + c]! << 5) |
    (inside[n + b + c]! << 6) |
    (inside[n + a + b + c]! << 7);
  if (bits === 0 || bits === 255) return undefined;
  let count = 0;
  const sum = [0, 0, 0];
  for (let from = 0; from < 8; from++)
    for (let axis = 0; axis < 3; axis++) {
      const to = from | (1 << axis);
      if (to === from || ((bits >> from) & 1) === ((bits >> to) & 1)) continue;
      count++;
      for (let part = 0; part < 3; part++) sum[part]! += part === axis ? 0.5 : (from >> part) & 1;
    }
  return sum.map((part) => part / count);
}

function relax({ corners, cells, quads }: Net): void {
  const count = corners.length / 3;
  const degree = new Uint16Array(count);
  for (let n = 0; n < quads.length; n += 4)
    for (let side = 0; side < 4; side++) {
      degree[quads[n + side]!]!++;
      degree[quads[n + ((side + 1) % 4)]!]!++;
    }
  const sums = new Float32Array(corners.length);
  for (let pass = 0; pass < relaxations; pass++) {
    sums.fill(0);
    for (let n = 0; n < quads.length; n += 4)
      for (let side = 0; side < 4; side++) {
        const [from, to] = [3 * quads[n + side]!, 3 * quads[n + ((side + 1) % 4)]!];
        for (let part = 0; part < 3; part++) {
          sums[from + part]! += corners[to + part]!;
          sums[to + part]! += corners[from + part]!;
        }
      }
    for (let n = 0; n < corners.length; n++) {
      const mean = sums[n]! / degree[Math.floor(n / 3)]!;
      corners[n] = Math.min(cells[n]! + 1, Math.max(cells[n]!, mean));
    }
  }
}

/** Voxel axes may be left-handed: then the triangles turn the other way round. */
function inWorld({ corners, quads }: Net, { affineRasMm: [x, y, z] }: LabelGrid): Surface {
  const pointsRasMm = new Float32Array(corners.length);
  for (let n = 0; n < corners.length; n += 3)
    for (const [part, row] of [x!, y!, z!].entries())
      pointsRasMm[n + part] = row[0]! * corners[n]! + row[1]! * corners[n + 1]! + row[2]! * corners[n + 2]! + row[3]!;
  const isLeftHanded = determinant(x!, y!, z!) < 0;
  const triangles = new Uint32Array((quads.length / 4) * 6);
  for (let n = 0, to = 0; n < quads.length; n += 4) {
    const [a, b, c, d] = [quads[n]!, quads[n + 1]!, quads[n + 2]!, quads[n + 3]!];
    triangles.set(isLeftHanded ? [a, c, b, a, d, c] : [a, b, c, a, c, d], to);
    to += 6;
  }
  return { pointsRasMm, triangles, normals: normalsOf(pointsRasMm, triangles) };
}

/** Sums of the triangles' cross products around each corner, which weighs them by area. */
function normalsOf(points: Float32Array, triangles: Uint32Array): Float32Array {
  const normals = new Float32Array(points.length);
  for (let n = 0; n < triangles.length; n += 3) {
    const [a, b, c] = [3 * triangles[n]!, 3 * triangles[n + 1]!, 3 * triangles[n + 2]!];
    const [ux, uy, uz] = [points[b]! - points[a]!, points[b + 1]! - points[a + 1]!, points[b + 2]! - points[a + 2]!];
    const [vx, vy, vz] = [points[c]! - points[a]!, points[c + 1]! - points[a + 1]!, points[c + 2]! - points[a + 2]!];
    for (const at of [a, b, c]) {
      normals[at]! += uy * vz - uz * vy;
      normals[at + 1]! += uz * vx - ux * vz;
      normals[at + 2]! += ux * vy - uy * vx;
    }
  }
  for (let n = 0; n < normals.length; n += 3) {
    const length = Math.hypot(normals[n]!, normals[n + 1]!, normals[n + 2]!) || 1;
    for (let part = 0; part < 3; part++) normals[n + part]! /= length;
  }
  return normals;
}

const determinant = (x: readonly number[], y: readonly number[], z: readonly number[]): number =>
  x[0]! * (y[1]! * z[2]! - y[2]! * z[1]!) -
  x[1]! * (y[0]! * z[2]! - y[2]! * z[0]!) +
  x[2]! * (y[0]! * z[1]! - y[1]! * z[0]!);
