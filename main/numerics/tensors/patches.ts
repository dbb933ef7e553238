/** Sides along D, H, W in voxels. */
export type Sides = readonly [number, number, number];

/** Starts of equal patches that cover `length` with at least `overlap` of a side shared, evenly spread. */
export function patchStarts(length: number, side: number, overlap: number): readonly number[] {
  if (length <= side) return [0];
  const count = Math.ceil((length - side) / (side * (1 - overlap))) + 1;
  return Array.from({ length: count }, (_, n) => Math.round((n * (length - side)) / (count - 1)));
}

/** Corners of the patches that cover a volume, D slowest. */
export function patchCorners(size: Sides, sides: Sides, overlap: number): readonly Sides[] {
  const [deep, high, wide] = [0, 1, 2].map((axis) => patchStarts(size[axis]!, sides[axis]!, overlap)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  return deep.flatMap((d) => high.flatMap((h) => wide.map((w): Sides => [d, h, w])));
}

/** Blending weight along one side: a Gaussian of deviation side / 8 around the middle (as in nnU-Net, Isensee et al. 2021), never 0. */
export function blendingProfile(side: number): Float32Array {
  const middle = (side - 1) / 2;
  return Float32Array.from({ length: side }, (_, n) =>
    Math.max(1e-3, Math.exp(-0.5 * ((n - middle) / (side / 8)) ** 2)),
  );
}

/** Copies a patch out of [D, H, W, C]; voxels beyond the volume take the value of the nearest edge voxel. */
export function extractPatch(
  volume: Float32Array,
  size: Sides,
  corner: Sides,
  sides: Sides,
  channels: number,
): Float32Array {
  const patch = new Float32Array(sides[0] * sides[1] * sides[2] * channels);
  const clamp = (position: number, length: number) => Math.min(Math.max(position, 0), length - 1);
  let place = 0;
  for (let d = 0; d < sides[0]; d++) {
    const plane = clamp(corner[0] + d, size[0]) * size[1];
    for (let h = 0; h < sides[1]; h++) {
      const row = (plane + clamp(corner[1] + h, size[1])) * size[2];
      for (let w = 0; w < sides[2]; w++) {
        const voxel = (row + clamp(corner[2] + w, size[2])) * channels;
        for (let c = 0; c < channels; c++) patch[place++] = volume[voxel + c]!;
      }
    }
  }
  return patch;
}
