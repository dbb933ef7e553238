import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNifti } from '../main/imaging/nifti/encode.ts';
import type { Affine, Volume } from '../main/imaging/volume.ts';
import { derive, normals, rootKey, uniforms } from '../main/numerics/tensors/random.ts';

const affineRasMm: Affine = [
  [1, 0, 0, -8],
  [0, 1, 0, -8],
  [0, 0, 1, -8],
];

/** Small scans that a network learns in seconds: a bright ball (label 1) beside a dark one (label 2) in noise, moved about. */
export function madeScan(seed: number): { readonly image: Volume; readonly labels: Volume } {
  const size = [16, 16, 16] as const;
  const key = derive(rootKey(seed), 'made-scan');
  const [x, y, z] = uniforms(key, 3).map((u) => 5 + 2 * u);
  const noise = normals(derive(key, 'noise'), 16 ** 3);
  const labels = new Uint8Array(16 ** 3);
  const voxels = Float32Array.from(noise, (value, n) => {
    const [i, j, k] = [n % 16, Math.floor(n / 16) % 16, Math.floor(n / 256)];
    const label =
      Math.hypot(i - x!, j - y!, k - z!) < 3 ? 1 : Math.hypot(i - x! - 6, j - y! - 3, k - z! - 3) < 2.5 ? 2 : 0;
    labels[n] = label;
    return 100 + 10 * value + [0, 80, -60][label]!;
  });
  const grid = { size, affineRasMm, components: 1, warnings: [] };
  return { image: { ...grid, voxels }, labels: { ...grid, voxels: labels } };
}

/** The same place in another contrast. */
export const otherContrast = (volume: Volume): Volume => ({
  ...volume,
  voxels: Float32Array.from(volume.voxels, (value) => 300 - value),
});

/** Writes made scans as `images/` and `labels/` below a folder. */
export function writeMadeScans(
  folder: string,
  count: number,
  firstSeed = 0,
): { readonly images: string; readonly labels: string } {
  const places = { images: join(folder, 'images'), labels: join(folder, 'labels') };
  for (const place of Object.values(places)) mkdirSync(place, { recursive: true });
  for (let n = 0; n < count; n++) {
    const scan = madeScan(firstSeed + n);
    const name = `made_${String(firstSeed + n).padStart(3, '0')}.nii.gz`;
    writeFileSync(join(places.images, name), encodeNifti(scan.image, { gzip: true }));
    writeFileSync(join(places.labels, name), encodeNifti(scan.labels, { gzip: true }));
  }
  return places;
}
