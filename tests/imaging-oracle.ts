import { multiply, transformPoint } from '../main/imaging/geometry/affine.ts';
import { voxelCount } from '../main/imaging/geometry/grids.ts';
import type { Affine, Grid, Vec3, Volume } from '../main/imaging/volume.ts';

/** World position (nanometres) and component to value: what no change of grid may alter. */
export function worldMap(volume: Volume): Map<string, number> {
  const [ni, nj] = volume.size;
  const voxels = voxelCount(volume);
  return new Map(
    Array.from(volume.voxels, (value, place) => {
      const n = place % voxels;
      const at: Vec3 = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))];
      const millimetres = transformPoint(volume.affineRasMm, at);
      // + 0 turns -0 into 0
      const key = [...millimetres.map((mm) => Math.round(mm * 1e6) + 0), Math.floor(place / voxels)].join();
      return [key, value];
    }),
  );
}

const opposite = { R: 'L', A: 'P', S: 'I' } as const;
/** The 48 orientations of three voxel axes. */
export const allOrientations: readonly string[] = ['RAS', 'RSA', 'ARS', 'ASR', 'SRA', 'SAR'].flatMap((axes) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((flips) =>
    Array.from(axes, (letter, n) => ((flips >> n) & 1 ? opposite[letter as keyof typeof opposite] : letter)).join(''),
  ),
);

const directions: Readonly<Record<string, Vec3>> = {
  R: [1, 0, 0],
  L: [-1, 0, 0],
  A: [0, 1, 0],
  P: [0, -1, 0],
  S: [0, 0, 1],
  I: [0, 0, -1],
};

/** An affine whose voxel axes point as `code` says, spacings by voxel axis, somewhere off the origin. */
export function affineOf(code: string, spacingMm: Vec3 = [1, 2, 3]): Affine {
  const row = (world: number) => [0, 1, 2].map((axis) => directions[code[axis]!]![world]! * spacingMm[axis]!);
  const at = [-11.5, 7.25, 31];
  return [0, 1, 2].map((world) => [...row(world), at[world]!]) as unknown as Affine; // three rows of four
}

/** Rotated by some degrees about x, then z. */
export function tilted(affine: Affine, degrees: number): Affine {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const aboutX: Affine = [
    [1, 0, 0, 0],
    [0, c, -s, 0],
    [0, s, c, 0],
  ];
  const aboutZ: Affine = [
    [c, -s, 0, 0],
    [s, c, 0, 0],
    [0, 0, 1, 0],
  ];
  return multiply(aboutZ, multiply(aboutX, affine));
}

/** A volume in which every value is different. */
export function countedVolume(grid: Grid, components = 1): Volume<Int16Array> {
  const voxels = Int16Array.from({ length: voxelCount(grid) * components }, (_, n) => n + 1);
  return { ...grid, voxels, components, warnings: [] };
}

/** float32 values of a function of world place. */
export function worldVolume(grid: Grid, valueAt: (pointRasMm: Vec3) => number): Volume<Float32Array> {
  const [ni, nj] = grid.size;
  const voxels = Float32Array.from({ length: voxelCount(grid) }, (_, n) =>
    valueAt(transformPoint(grid.affineRasMm, [n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))])),
  );
  return { ...grid, voxels, components: 1, warnings: [] };
}
