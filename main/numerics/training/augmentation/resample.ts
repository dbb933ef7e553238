import type { Sides } from '../../tensors/patches.ts';

/** A place between voxels: the eight around it by offset (in voxels of the scan), and their weights. */
interface Corners {
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

/** Values of [D, H, W, C] at `positions` [N, 3], linear between voxels; beyond the scan those of the nearest edge voxel. [N, C] */
export function resampleLinear(image: Float32Array, size: Sides, channels: number, positions: Float32Array): Float32Array {
  const count = positions.length / 3;
  const result = new Float32Array(count * channels);
  const corners = newCorners();
  for (let n = 0; n < count; n++) {
    placeCorners(corners, size, positions, n);
    const { offsets, weights } = corners;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let corner = 0; corner < 8; corner++) sum += weights[corner]! * image[offsets[corner]! * channels + c]!;
      result[n * channels + c] = sum;
    }
  }
  return result;
}

/**
 * Labels at `positions` [N, 3]: the one with the greatest linearly interpolated membership, smoother than the nearest
 * voxel's. Beyond the scan: as at the nearest edge voxel, like the image, or 0 where `outside` says so.
 */
export function resampleLabels<Labels extends Uint8Array | Uint16Array>(labels: Labels, size: Sides, positions: Float32Array, outside: 'edge' | 'zero' = 'edge'): Labels {
  const count = positions.length / 3;
  const result = (labels instanceof Uint8Array ? new Uint8Array(count) : new Uint16Array(count)) as Labels; // the same class
  const corners = newCorners();
  for (let n = 0; n < count; n++) {
    if (outside === 'zero' && isOutside(positions, n, size)) continue;
    placeCorners(corners, size, positions, n);
    result[n] = strongest(labels, corners);
  }
  return result;
}

const newCorners = (): Corners => ({ offsets: new Int32Array(8), weights: new Float64Array(8) });
const isOutside = (positions: Float32Array, n: number, size: Sides): boolean =>
  [0, 1, 2].some((axis) => positions[3 * n + axis]! < -0.5 || positions[3 * n + axis]! > size[axis]! - 0.5);

/** Writes into `corners` for speed: called for every voxel. */
function placeCorners({ offsets, weights }: Corners, [deep, high, wide]: Sides, positions: Float32Array, n: number): void {
  const z = Math.min(Math.max(positions[3 * n]!, 0), deep - 1);
  const y = Math.min(Math.max(positions[3 * n + 1]!, 0), high - 1);
  const x = Math.min(Math.max(positions[3 * n + 2]!, 0), wide - 1);
  const [k, j, i] = [Math.floor(z), Math.floor(y), Math.floor(x)];
  const [tz, ty, tx] = [z - k, y - j, x - i];
  const origin = (k * high + j) * wide + i;
  const toDepth = k + 1 < deep ? high * wide : 0;
  const toHeight = j + 1 < high ? wide : 0;
  const toWidth = i + 1 < wide ? 1 : 0;
  for (let corner = 0; corner < 8; corner++) {
    const [upZ, upY, upX] = [corner & 4, corner & 2, corner & 1];
    offsets[corner] = origin + (upZ ? toDepth : 0) + (upY ? toHeight : 0) + (upX ? toWidth : 0);
    weights[corner] = (upZ ? tz : 1 - tz) * (upY ? ty : 1 - ty) * (upX ? tx : 1 - tx);
  }
}

function strongest(labels: Uint8Array | Uint16Array, { offsets, weights }: Corners): number {
  const first = labels[offsets[0]!]!;
  let uniform = true;
  for (let corner = 1; corner < 8 && uniform; corner++) uniform = labels[offsets[corner]!] === first;
  if (uniform) return first;
  let [best, most] = [first, -1];
  for (let corner = 0; corner < 8; corner++) {
    const label = labels[offsets[corner]!]!;
    let membership = 0;
    for (let other = 0; other < 8; other++) if (labels[offsets[other]!] === label) membership += weights[other]!;
    if (membership > most) [best, most] = [label, membership];
  }
  return best;
}
