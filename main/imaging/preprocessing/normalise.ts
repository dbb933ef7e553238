import { AppError } from '../../../contract/errors/app-error.ts';
import type { PreprocessingPlan } from '../../../contract/model.ts';
import type { Voxels } from '../volume.ts';

type Normalisation = PreprocessingPlan['normalisation'][number];

/** Above this share of exact zeros an image counts as masked (skull-stripped): its zeros say nothing of intensity. */
const maskedShare = 0.25;

/**
 * Clips at the percentiles, then shifts and scales to mean 0 and deviation 1; all four figures are those of the voxels
 * that are not 0 where more than a quarter are exactly 0, else of all. Every voxel is transformed.
 * @throws AppError image/constant where the clipped values are all equal
 */
export function normalise(
  voxels: Voxels,
  { lowPercentile, highPercentile }: Normalisation,
  name: string,
): Float32Array {
  const informative = informativeValues(voxels).sort();
  const low = percentile(informative, lowPercentile);
  const high = percentile(informative, highPercentile);
  if (!(high > low)) throw new AppError('image/constant', { name });
  const { mean, deviation } = momentsOfClipped(informative, low, high);
  const values = new Float32Array(voxels.length);
  for (let n = 0; n < voxels.length; n++) values[n] = (Math.min(Math.max(voxels[n]!, low), high) - mean) / deviation;
  return values;
}

/** A new array; float32 as the network will see. */
function informativeValues(voxels: Voxels): Float32Array {
  let zeros = 0;
  for (let n = 0; n < voxels.length; n++) if (voxels[n] === 0) zeros++;
  if (zeros <= maskedShare * voxels.length || zeros === voxels.length) return new Float32Array(voxels);
  const values = new Float32Array(voxels.length - zeros);
  let count = 0;
  for (let n = 0; n < voxels.length; n++) if (voxels[n] !== 0) values[count++] = voxels[n]!;
  return values;
}

/** Linear between order statistics, as numpy's default. */
function percentile(sorted: Float32Array, percent: number): number {
  const place = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

function momentsOfClipped(values: Float32Array, low: number, high: number): { mean: number; deviation: number } {
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += Math.min(Math.max(values[n]!, low), high);
  const mean = sum / values.length;
  let squares = 0;
  for (let n = 0; n < values.length; n++) squares += (Math.min(Math.max(values[n]!, low), high) - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
