import type { Vec3, Voxels } from '../volume.ts';

/** The value of one component at a place in voxels (voxel centres are whole numbers). */
export type Sampler = (x: number, y: number, z: number) => number;

/** What rounding may push a place over the border of the field of view, half a voxel beyond the last centres. */
const slack = 1e-6;

/** Trilinear; between the outermost centres and the border the edge value goes on, `outside` beyond. */
export function linearSampler(source: Float32Array, [mi, mj, mk]: Vec3, outside: number): Sampler {
  const plane = mi * mj;
  const edge = 0.5 + slack;
  const [lastI, lastJ, lastK] = [mi - 1, mj - 1, mk - 1];
  return (px, py, pz) => {
    if (px < -edge || py < -edge || pz < -edge) return outside;
    if (px > lastI + edge || py > lastJ + edge || pz > lastK + edge) return outside;
    const x = Math.max(0, Math.min(px, lastI));
    const y = Math.max(0, Math.min(py, lastJ));
    const z = Math.max(0, Math.min(pz, lastK));
    const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
    const di = i < lastI ? 1 : 0;
    const dj = j < lastJ ? mi : 0;
    const at = i + mi * j + plane * k;
    const low = bilinear(source, at, di, dj, x - i, y - j);
    return z === k ? low : low + (z - k) * (bilinear(source, at + plane, di, dj, x - i, y - j) - low);
  };
}

function bilinear(source: Float32Array, at: number, di: number, dj: number, u: number, v: number): number {
  const a = source[at]! + u * (source[at + di]! - source[at]!);
  const b = source[at + dj]! + u * (source[at + dj + di]! - source[at + dj]!);
  return a + v * (b - a);
}

/** The nearest voxel, of two equally near (to rounding) the lower; `outside` beyond the field of view. */
export function nearestSampler(source: Voxels, [mi, mj, mk]: Vec3, outside: number): Sampler {
  const nearest = (place: number, last: number) => {
    const index = Math.floor(place + 0.5 - slack);
    return index === -1 && place >= -0.5 - slack ? 0 : index > last ? -1 : index;
  };
  return (x, y, z) => {
    const i = nearest(x, mi - 1);
    const j = nearest(y, mj - 1);
    const k = nearest(z, mk - 1);
    return i < 0 || j < 0 || k < 0 ? outside : source[i + mi * (j + mj * k)]!;
  };
}
