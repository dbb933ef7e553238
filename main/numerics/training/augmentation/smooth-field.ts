import type { Sides } from '../../tensors/patches.ts';
import { perAxis } from '../../tensors/per-axis.ts';
import { normals, type RandomKey } from '../../tensors/random.ts';

/**
 * A smooth random field [D, H, W]: independent normals of `deviation` on control points `controlSpacing` voxels apart
 * (along D, H, W), with the cubic of Catmull and Rom (1974) between them. The deviation holds at the control points and
 * is a little less between them.
 */
export function smoothField(
  sides: Sides,
  { deviation, controlSpacing }: { readonly deviation: number; readonly controlSpacing: Sides },
  key: RandomKey,
): Float32Array {
  const points = perAxis((axis) => Math.ceil((sides[axis] - 1) / controlSpacing[axis]) + 4); // three in, three out
  let field = Float32Array.from(normals(key, points[0] * points[1] * points[2]), (value) => value * deviation);
  let shape: Sides = points;
  for (const axis of [0, 1, 2] as const) {
    const before = shape;
    const next = perAxis((other) => (other === axis ? sides[axis] : before[other]));
    field = upsampleAxis(field, shape, { axis, length: sides[axis], step: 1 / controlSpacing[axis] });
    shape = next;
  }
  return field;
}

/** Cubic interpolation along one axis at 1 + step * n, n from 0 to length - 1. */
function upsampleAxis(
  field: Float32Array,
  [deep, high, wide]: Sides,
  to: { readonly axis: 0 | 1 | 2; readonly length: number; readonly step: number },
): Float32Array<ArrayBuffer> {
  const shape = [deep, high, wide] as const;
  const stride = [high * wide, wide, 1][to.axis]!;
  const outer = [1, deep, deep * high][to.axis]!;
  const result = new Float32Array(outer * to.length * stride);
  for (let n = 0; n < to.length; n++) {
    const at = 1 + to.step * n;
    const first = Math.min(Math.floor(at), shape[to.axis]! - 3) - 1;
    const [w0, w1, w2, w3] = catmullRom(at - first - 1);
    for (let block = 0; block < outer; block++) {
      let from = (block * shape[to.axis]! + first) * stride;
      let place = (block * to.length + n) * stride;
      for (const end = from + stride; from < end; from++) {
        result[place++] =
          w0 * field[from]! +
          w1 * field[from + stride]! +
          w2 * field[from + 2 * stride]! +
          w3 * field[from + 3 * stride]!;
      }
    }
  }
  return result;
}

function catmullRom(t: number): readonly [number, number, number, number] {
  const [t2, t3] = [t * t, t * t * t];
  return [(-t3 + 2 * t2 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (-3 * t3 + 4 * t2 + t) / 2, (t3 - t2) / 2];
}
