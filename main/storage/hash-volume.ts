import { createHash } from 'node:crypto';
import { hostIsLittleEndian, swapBytes } from '../imaging/scalar-types.ts';
import type { Volume } from '../imaging/volume.ts';

const chunk = 1 << 16;

/** SHA-256 (hex) over size, affine and values as float64: the same scan has the same hash in any file format and voxel type. */
export function hashVolume({ size, affineRasMm, components, voxels }: Volume): string {
  const hash = createHash('sha256');
  // the affine as float32: formats differ in the precision they keep
  hash.update(JSON.stringify({ size, components, affine: affineRasMm.flat().map((entry) => Math.fround(entry) + 0) }));
  for (let from = 0; from < voxels.length; from += chunk) {
    const values = Float64Array.from(voxels.subarray(from, from + chunk), (value) => value + 0); // + 0 turns -0 into 0
    const bytes = new Uint8Array(values.buffer);
    if (!hostIsLittleEndian) swapBytes(bytes, 8);
    hash.update(bytes);
  }
  return hash.digest('hex');
}
