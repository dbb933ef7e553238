import type { Voxels } from '../connection.ts';

export interface UncertainPlace {
  readonly pointRasMm: readonly [number, number, number];
  /** The map's value there. */
  readonly value: number;
}

/**
 * Where a map is highest, the highest first; places lie at least `apartMm` from each other, so that each is another one to look at.
 * @param least values below are no place
 */
export function uncertainPlaces(
  { header, voxels }: Voxels,
  { apartMm = 6, most = 30, least = 0.1 } = {},
): UncertainPlace[] {
  const [ni, nj] = header.size;
  const candidates: number[] = [];
  for (let n = 0; n < voxels.length; n++) if (voxels[n]! >= least) candidates.push(n);
  candidates.sort((a, b) => voxels[b]! - voxels[a]!);
  const places: UncertainPlace[] = [];
  for (const n of candidates) {
    if (places.length >= most) break;
    const voxel = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))];
    const point = header.affineRasMm.map(
      (row) => row[0]! * voxel[0]! + row[1]! * voxel[1]! + row[2]! * voxel[2]! + row[3]!,
    );
    const pointRasMm = [point[0]!, point[1]!, point[2]!] as const;
    const isNear = places.some(
      (one) => Math.hypot(...one.pointRasMm.map((part, axis) => part - pointRasMm[axis]!)) < apartMm,
    );
    if (!isNear) places.push({ pointRasMm, value: voxels[n]! });
  }
  return places;
}
