import { z } from 'zod';

const range = z.tuple([z.number(), z.number()]).readonly();
const perAxis = z.tuple([z.number(), z.number(), z.number()]).readonly();
const sides = z
  .tuple([z.number().int().positive(), z.number().int().positive(), z.number().int().positive()])
  .readonly();
const probability = z.number().min(0).max(1);

/** A random rotation, scaling and elastic deformation, applied to image and labels in one resampling. */
const spatialSettingsSchema = z.object({
  /** Share of samples that are rotated, scaled and deformed; the others are only cropped (and mirrored). */
  probability,
  /** Spacing of the grid along D, H, W, so that rotations stay rotations in space. */
  spacingMm: perAxis,
  /** Greatest angle about D, H, W, either way; uniform. */
  rotationDegrees: perAxis,
  /** Size of things in the result against the scan, the same along all axes: log-uniform. */
  scale: range,
  /** Greatest further scaling of each axis by itself, as a share; uniform either way. */
  axisScale: z.number().min(0).max(0.9),
  /** Smooth displacement: normals of a deviation drawn from `deviationMm`, on control points, cubic between them. */
  elastic: z.object({ probability, deviationMm: range, controlSpacingMm: z.number().positive() }),
  /** Probability of a mirror image along D, H, W. */
  mirror: perAxis,
});

/** Changes of intensity, each with its probability, drawn for each channel by itself. Scale-free: they suit any normalisation. */
const intensitySettingsSchema = z.object({
  /** Multiplicative smooth field exp(b) on the value above the patch's minimum; b has the drawn deviation, its control points are so many voxels apart. */
  bias: z.object({ probability, deviation: range, controlSpacing: z.number().positive() }),
  /** Power of the value scaled to [0, 1] by the patch's minimum and maximum; log-uniform. */
  gamma: z.object({ probability, exponent: range }),
  /** Factor on the distance from the patch's mean; log-uniform. */
  contrast: z.object({ probability, factor: range }),
  /** Addition, in standard deviations of the patch. */
  brightness: z.object({ probability, shift: range }),
  /** Gaussian blur, deviation in voxels. */
  blur: z.object({ probability, deviation: range }),
  /** Thick slices along one axis drawn at random: voxels that many times as long, interpolated back. */
  lowResolution: z.object({ probability, factor: range }),
  /** Gaussian noise, deviation in standard deviations of the patch. */
  noise: z.object({ probability, deviation: range }),
});

export const augmentationSettingsSchema = z.object({
  /** Sides of the result, D H W in voxels; may be greater than the scan's. */
  patch: sides,
  /** Where the scan is greater than the patch: probability that the patch is centred on a labelled voxel. */
  foreground: probability,
  /** Where the scan is not greater than the patch: greatest shift of its centre, either way, if not the padding allows more. */
  shiftVoxels: z.number().nonnegative(),
  spatial: spatialSettingsSchema,
  intensity: intensitySettingsSchema,
});

/** [least, greatest], drawn uniformly. */
export type Range = z.infer<typeof range>;
/** One number each along D, H, W. */
export type PerAxis = z.infer<typeof perAxis>;
export type SpatialSettings = z.infer<typeof spatialSettingsSchema>;
export type IntensitySettings = z.infer<typeof intensitySettingsSchema>;
export type AugmentationSettings = z.infer<typeof augmentationSettingsSchema>;

/** No mirror images: anatomy may be lateral; whoever knows better says so (`mirror` of the recipe). */
export const defaultAugmentation: AugmentationSettings = {
  patch: [40, 56, 40],
  foreground: 0.5,
  shiftVoxels: 3,
  spatial: {
    probability: 0.9,
    spacingMm: [1, 1, 1],
    rotationDegrees: [15, 15, 15],
    scale: [0.85, 1.2],
    axisScale: 0.05,
    elastic: { probability: 0.6, deviationMm: [0.5, 2], controlSpacingMm: 12 },
    mirror: [0, 0, 0],
  },
  intensity: {
    bias: { probability: 0.3, deviation: [0.05, 0.25], controlSpacing: 24 },
    gamma: { probability: 0.4, exponent: [0.7, 1.5] },
    contrast: { probability: 0.2, factor: [0.75, 1.3] },
    brightness: { probability: 0.2, shift: [-0.2, 0.2] },
    blur: { probability: 0.2, deviation: [0.4, 0.9] },
    lowResolution: { probability: 0.15, factor: [1.3, 2.2] },
    noise: { probability: 0.3, deviation: [0.02, 0.15] },
  },
};
