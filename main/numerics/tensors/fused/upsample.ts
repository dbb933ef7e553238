import { concat, scalar, stack, type Tensor3D, type Tensor5D, tidy } from '@tensorflow/tfjs-core';
import { bindAxes } from '../axes.ts';

/** Trilinear interpolation to twice the size: each new voxel is 3/4 of the nearer and 1/4 of the farther old one, an axis at a time. */
export function upsample(x: Tensor5D): Tensor5D {
  const { B, D, H, W, C } = bindAxes(x.shape, 'B D H W C', 'upsample');
  return tidy(() => {
    const deep = doubleMiddle(x.reshape([B, D, H * W * C]));
    const high = doubleMiddle(deep.reshape([B * 2 * D, H, W * C]));
    const wide = doubleMiddle(high.reshape([B * 2 * D * 2 * H, W, C]));
    return wide.reshape([B, 2 * D, 2 * H, 2 * W, C]);
  });
}

/** [outer, n, inner] to [outer, 2n, inner]; beyond the edge the edge value holds. */
function doubleMiddle(x: Tensor3D): Tensor3D {
  const [outer, n, inner] = x.shape;
  const first = x.slice([0, 0, 0], [outer, 1, inner]);
  const last = x.slice([0, n - 1, 0], [outer, 1, inner]);
  const before = n > 1 ? concat([first, x.slice([0, 0, 0], [outer, n - 1, inner])], 1) : x;
  const after = n > 1 ? concat([x.slice([0, 1, 0], [outer, n - 1, inner]), last], 1) : x;
  const near = x.mul(scalar(0.75));
  const even = near.add(before.mul(scalar(0.25)));
  const odd = near.add(after.mul(scalar(0.25)));
  return stack([even, odd], 2).reshape([outer, 2 * n, inner]); // [outer, n, 2, inner]
}
