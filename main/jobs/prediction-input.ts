import type { PreprocessingPlan } from '../../contract/model.ts';
import type { PredictionInput } from '../numerics/inference/predict-sample.ts';
import { sideMultiple } from '../numerics/models/unet-layers.ts';
import type { Sides } from '../numerics/tensors/patches.ts';
import { perAxis } from '../numerics/tensors/per-axis.ts';

const overlap = 0.25;
/** A scan up to this many times the voxels of a training patch is run whole. */
const wholeUpTo = 2;

/** Chooses patches: the whole scan where it is about a training patch, else patches of the training size, whose statistics the norms know. */
export function predictionInput(
  scan: { readonly image: Float32Array; readonly size: Sides },
  { patchSize: [i, j, k] }: PreprocessingPlan,
): PredictionInput {
  const padded = perAxis((axis) => Math.ceil(scan.size[axis] / sideMultiple) * sideMultiple);
  const training: Sides = [k, j, i];
  const whole = voxelsOf(padded) <= wholeUpTo * voxelsOf(training);
  const patch = whole ? padded : perAxis((axis) => Math.min(training[axis], padded[axis]));
  return { image: scan.image, size: scan.size, patch, overlap };
}

const voxelsOf = (sides: Sides): number => sides[0] * sides[1] * sides[2];
