import type { Sides } from '../../tensors/patches.ts';
import { perAxis } from '../../tensors/per-axis.ts';
import { blurAxis } from './blur.ts';

/** Width at half height of a Gaussian slice profile against its deviation. */
const widthOfDeviation = 2 * Math.sqrt(2 * Math.log(2));

/**
 * What a scan with voxels `factor` times as long along `axis` would show, interpolated (linearly) back to this grid
 * [D, H, W]. The slice profile is a Gaussian as wide at half height as the new voxel is long, less the present voxel.
 */
export function lowerResolution(image: Float32Array, sides: Sides, axis: 0 | 1 | 2, factor: number): Float32Array {
  const length = sides[axis];
  const coarse = Math.max(2, Math.round(length / factor));
  if (coarse >= length) return image;
  const blurred = blurAxis(image, sides, axis, Math.sqrt(factor * factor - 1) / widthOfDeviation);
  const short = perAxis((other) => (other === axis ? coarse : sides[other]));
  return resampleAxis(resampleAxis(blurred, sides, axis, coarse), short, axis, length);
}

/** Linear, with the outer faces of both grids in the same place. */
function resampleAxis(image: Float32Array, sides: Sides, axis: 0 | 1 | 2, length: number): Float32Array {
  const from = sides[axis];
  const stride = [sides[1] * sides[2], sides[2], 1][axis]!;
  const outer = [1, sides[0], sides[0] * sides[1]][axis]!;
  const result = new Float32Array(outer * length * stride);
  for (let n = 0; n < length; n++) {
    const at = Math.min(Math.max(((n + 0.5) * from) / length - 0.5, 0), from - 1);
    const lower = Math.min(Math.floor(at), from - 2);
    const share = at - lower;
    for (let block = 0; block < outer; block++) {
      let source = (block * from + lower) * stride;
      let place = (block * length + n) * stride;
      for (const end = source + stride; source < end; source++)
        result[place++] = (1 - share) * image[source]! + share * image[source + stride]!;
    }
  }
  return result;
}
