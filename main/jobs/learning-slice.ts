import type { LearningSlice } from '../../contract/progress.ts';
import type { PreparedCase } from './labelled-cases.ts';

/**
 * The axial slice that holds most of the labels, as a person sees it: the patient's right on the left, front at the top.
 * @param probability [D, H, W, K] of the network, background first
 */
export function learningSlice(
  { image, labels, size }: Pick<PreparedCase, 'image' | 'labels' | 'size'>,
  probability: Float32Array,
  classes: number,
): LearningSlice {
  const [depth, rows, columns] = size;
  const channels = image.length / labels.length;
  const start = fullest(labels, depth, rows * columns) * rows * columns;
  const values = new Float32Array(rows * columns);
  const [truth, foreground] = [new Uint8Array(rows * columns), new Uint8Array(rows * columns)];
  for (let n = 0; n < values.length; n++) {
    const voxel = start + (rows - 1 - Math.floor(n / columns)) * columns + (columns - 1 - (n % columns)); // axes run to R, A, S
    values[n] = image[voxel * channels]!;
    truth[n] = labels[voxel]! > 0 ? 255 : 0;
    foreground[n] = Math.round(255 * (1 - probability[voxel * classes]!));
  }
  const sorted = values.slice().sort();
  const [low, high] = [
    sorted[Math.floor(0.01 * (sorted.length - 1))]!,
    sorted[Math.floor(0.995 * (sorted.length - 1))]!,
  ];
  const grey = Uint8Array.from(values, (value) => 255 * Math.min(1, Math.max(0, (value - low) / (high - low || 1))));
  return { columns, rows, grey, truth, foreground };
}

function fullest(labels: Uint8Array, depth: number, area: number): number {
  let [best, most] = [Math.floor(depth / 2), 0];
  for (let k = 0; k < depth; k++) {
    let count = 0;
    for (let n = k * area; n < (k + 1) * area; n++) if (labels[n]! > 0) count++;
    if (count > most) [best, most] = [k, count];
  }
  return best;
}
