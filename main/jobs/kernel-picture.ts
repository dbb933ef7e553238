import { kernelVoxels } from '../numerics/models/unet-weights.ts';
import type { GreyPicture } from './result-ports.ts';

const [magnification, gap] = [8, 4];
const cell = 3 * magnification;
const background = 20;

/**
 * Kernels as pictures: a column for each kernel, its three planes below each other; the rows of one set above the next.
 * Grey is 0, white the set's greatest weight, black its opposite.
 * @param sets kernels [n, 27] each
 */
export function kernelPicture(sets: readonly Float32Array[]): GreyPicture {
  const columns = Math.max(...sets.map((set) => set.length / kernelVoxels));
  const width = columns * (cell + gap) + gap;
  const setHeight = 3 * (cell + 1) + 3 * gap;
  const height = sets.length * setHeight + gap;
  const pixels = new Uint8Array(width * height).fill(background);
  for (const [place, set] of sets.entries()) {
    const greatest = set.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-12);
    for (let n = 0; n < set.length; n++) {
      const [kernel, d, h, w] = [
        Math.floor(n / kernelVoxels),
        Math.floor((n % kernelVoxels) / 9),
        Math.floor((n % 9) / 3),
        n % 3,
      ];
      const left = gap + kernel * (cell + gap) + w * magnification;
      const top = gap + place * setHeight + d * (cell + 1) + h * magnification;
      const grey = Math.round(127.5 * (1 + set[n]! / greatest));
      for (let y = 0; y < magnification; y++)
        pixels.fill(grey, (top + y) * width + left, (top + y) * width + left + magnification);
    }
  }
  return { width, height, pixels };
}
