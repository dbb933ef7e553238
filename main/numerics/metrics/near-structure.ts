import { distanceTransform, type Triple } from './distance-transform.ts';
import type { LabelGrid } from './surface-distance.ts';

/** Voxels (by index) near one structure. */
export interface NearVoxels {
  /** Within `reachMm` of the union of truth and prediction, the union itself among them. */
  readonly region: Uint32Array;
  /** Within `bandMm` of the union's border, on either side. */
  readonly band: Uint32Array;
}

export const reachMm = 5;
export const bandMm = 2;

/** Where calibration is judged (methods 2); empty where the union is. Distances are between voxel centres. */
export function nearStructure(isUnion: (voxel: number) => boolean, { size, spacingMm }: LabelGrid): NearVoxels {
  const box = boxWithMargin(isUnion, size, spacingMm);
  if (!box) return { region: new Uint32Array(0), band: new Uint32Array(0) };
  const { low, sides } = box;
  const voxelAt = (n: number): number => {
    const [i, j, k] = [n % sides[0], Math.floor(n / sides[0]) % sides[1], Math.floor(n / (sides[0] * sides[1]))];
    return low[0] + i + size[0] * (low[1] + j + size[1] * (low[2] + k));
  };
  const inside = Uint8Array.from({ length: sides[0] * sides[1] * sides[2] }, (_, n) => (isUnion(voxelAt(n)) ? 1 : 0));
  const outwards = distanceTransform(inside, sides, spacingMm);
  const inwards = distanceTransform(
    inside.map((x) => 1 - x),
    sides,
    spacingMm,
  );
  const region: number[] = [];
  const band: number[] = [];
  for (let n = 0; n < inside.length; n++) {
    if (outwards[n]! <= reachMm) region.push(voxelAt(n));
    if (Math.max(outwards[n]!, inwards[n]!) <= bandMm) band.push(voxelAt(n));
  }
  return { region: Uint32Array.from(region), band: Uint32Array.from(band) };
}

function boxWithMargin(
  isUnion: (voxel: number) => boolean,
  size: Triple,
  spacingMm: Triple,
): { readonly low: Triple; readonly sides: Triple } | undefined {
  const low: [number, number, number] = [...size];
  const high: [number, number, number] = [-1, -1, -1];
  for (let v = 0; v < size[0] * size[1] * size[2]; v++) {
    if (!isUnion(v)) continue;
    const at: Triple = [v % size[0], Math.floor(v / size[0]) % size[1], Math.floor(v / (size[0] * size[1]))];
    for (const axis of [0, 1, 2] as const) {
      low[axis] = Math.min(low[axis], at[axis]);
      high[axis] = Math.max(high[axis], at[axis]);
    }
  }
  if (high[0] < 0) return undefined;
  const margin = (axis: 0 | 1 | 2) => Math.ceil(reachMm / spacingMm[axis]) + 1;
  const from = (axis: 0 | 1 | 2) => Math.max(0, low[axis] - margin(axis));
  const length = (axis: 0 | 1 | 2) => Math.min(size[axis], high[axis] + margin(axis) + 1) - from(axis);
  return { low: [from(0), from(1), from(2)], sides: [length(0), length(1), length(2)] };
}
