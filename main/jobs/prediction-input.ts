import type { PreprocessingPlan } from '../../contract/model.ts';
import type { PredictionInput } from '../numerics/inference/predict-sample.ts';
import { sideMultiple } from '../numerics/models/unet-layers.ts';
import type { Sides } from '../numerics/tensors/patches.ts';
import { perAxis } from '../numerics/tensors/per-axis.ts';

const overlap = 0.25;
/** A scan up to this many times the voxels of a training patch is run whole. */
const wholeUpTo = 2;
/** Shorter sides leave the deepest level too few voxels for its norms. */
const smallestSide = 32;

/**
 * Chooses patches: the whole scan where it is about a training patch, else patches of the training size, whose statistics the
 * norms know. Where these do not fit, the longest side is shortened until they do.
 * @param fits whether a patch fits into memory
 */
export function predictionInput(
  scan: { readonly image: Float32Array; readonly size: Sides },
  { patchSize: [i, j, k] }: PreprocessingPlan,
  fits: (patch: Sides) => boolean = () => true,
): PredictionInput {
  const padded = perAxis((axis) => Math.ceil(scan.size[axis] / sideMultiple) * sideMultiple);
  const training: Sides = [k, j, i];
  const parts = perAxis((axis) => Math.min(training[axis], padded[axis]));
  const whole = voxelsOf(padded) <= wholeUpTo * voxelsOf(training) && fits(padded);
  return { image: scan.image, size: scan.size, patch: whole ? padded : shortened(parts, fits), overlap };
}

/** The smallest patch where none fits: whoever asked then refuses it. */
function shortened(patch: Sides, fits: (patch: Sides) => boolean): Sides {
  const longest = Math.max(...patch);
  if (longest <= smallestSide || fits(patch)) return patch;
  const axis = patch.indexOf(longest);
  return shortened(
    perAxis((n) => (n === axis ? longest - sideMultiple : patch[n])),
    fits,
  );
}

const voxelsOf = (sides: Sides): number => sides[0] * sides[1] * sides[2];
