import type { Sides } from '../../tensors/patches.ts';

/** A place between voxels: the eight around it by offset (in voxels of the scan), and their weights. */
interface Corners {
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

/** Values of [D, H, W, C] at `positions` [N, 3], linear between voxels; beyond the scan those of the nearest edge voxel. [N, C] */
export function resampleLinear(
  image: Float32Array,
  size: Sides,
  channels: number,
  positions: Float32Array,
): Float32Array {
  const count = positions.length / 3;
  const result = new Float32Array(count * channels);
  const corners = newCorners();
  const { offsets, weights } = corners;
  for (let n = 0; n < count; n++) {
    placeCorners(corners, size, positions, n);
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
export function resampleLabels<Labels extends Uint8Array | Uint16Array>(
  labels: Labels,
  size: Sides,
  positions: Float32Array,
  outside: 'edge' | 'zero' = 'edge',
): Labels {
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
  beyond(positions[3 * n]!, size[0]) ||
  beyond(positions[3 * n + 1]!, size[1]) ||
  beyond(positions[3 * n + 2]!, size[2]);
const beyond = (place: number, length: number): boolean => place < -0.5 || place > length - 0.5;

/** Writes into `corners` for speed: called for every voxel. */
function placeCorners(
  { offsets, weights }: Corners,
  [deep, high, wide]: Sides,
  positions: Float32Array,
  n: number,
): void {
  const z = Math.min(Math.max(positions[3 * n]!, 0), deep - 1);
  const y = Math.min(Math.max(positions[3 * n + 1]!, 0), high - 1);
  const x = Math.min(Math.max(positions[3 * n + 2]!, 0), wide - 1);
  const k = Math.floor(z);
  const j = Math.floor(y);
  const i = Math.floor(x);
  const tz = z - k;
  const ty = y - j;
  const tx = x - i;
  const origin = (k * high + j) * wide + i;
  const toDepth = k + 1 < deep ? high * wide : 0;
  const toHeight = j + 1 < high ? wide : 0;
  const toWidth = i + 1 < wide ? 1 : 0;
  const far = toDepth + toHeight;
  offsets[0] = origin;
  offsets[1] = origin + toWidth;
  offsets[2] = origin + toHeight;
  offsets[3] = origin + toHeight + toWidth;
  offsets[4] = origin + toDepth;
  offsets[5] = origin + toDepth + toWidth;
  offsets[6] = origin + far;
  offsets[7] = origin + far + toWidth;
  placeWeights(weights, tz, ty, tx);
}

function placeWeights(weights: Float64Array, tz: number, ty: number, tx: number): void {
  const nearNear = (1 - tz) * (1 - ty);
  const nearFar = (1 - tz) * ty;
  const farNear = tz * (1 - ty);
  const farFar = tz * ty;
  weights[0] = nearNear * (1 - tx);
  weights[1] = nearNear * tx;
  weights[2] = nearFar * (1 - tx);
  weights[3] = nearFar * tx;
  weights[4] = farNear * (1 - tx);
  weights[5] = farNear * tx;
  weights[6] = farFar * (1 - tx);
  weights[7] = farFar * tx;
}

/** Without sums where all eight agree: nearly always. */
function strongest(labels: Uint8Array | Uint16Array, { offsets, weights }: Corners): number {
  const first = labels[offsets[0]!]!;
  let differing = 1;
  while (differing < 8 && labels[offsets[differing]!] === first) differing++;
  if (differing === 8) return first;
  let best = first;
  let top = -1;
  for (let corner = 0; corner < 8 && top <= 0.5; corner++) {
    // more than half cannot be beaten
    const label = labels[offsets[corner]!]!;
    let membership = 0;
    for (let other = corner; other < 8; other++) if (labels[offsets[other]!] === label) membership += weights[other]!;
    if (membership > top) {
      best = label;
      top = membership;
    }
  }
  return best;
}
