import type { Sides } from '../../tensors/patches.ts';

/** [least, greatest], drawn uniformly. */
export type Range = readonly [number, number];
/** One number each along D, H, W. */
export type PerAxis = readonly [number, number, number];

/** A random rotation, scaling and elastic deformation, applied to image and labels in one resampling. */
export interface SpatialSettings {
  /** Share of samples that are rotated, scaled and deformed; the others are only cropped (and mirrored). */
  readonly probability: number;
  /** Spacing of the grid along D, H, W, so that rotations stay rotations in space. */
  readonly spacingMm: PerAxis;
  /** Greatest angle about D, H, W, either way; uniform. */
  readonly rotationDegrees: PerAxis;
  /** Size of things in the result against the scan, the same along all axes: log-uniform. */
  readonly scale: Range;
  /** Greatest further scaling of each axis by itself, as a share; uniform either way. */
  readonly axisScale: number;
  /** Smooth displacement: normals of a deviation drawn from `deviationMm`, on control points, cubic between them. */
  readonly elastic: { readonly probability: number; readonly deviationMm: Range; readonly controlSpacingMm: number };
  /** Probability of a mirror image along D, H, W. */
  readonly mirror: PerAxis;
}

/** Changes of intensity, each with its probability, drawn for each channel by itself. Scale-free: they suit any normalisation. */
export interface IntensitySettings {
  /** Multiplicative smooth field exp(b) on the value above the patch's minimum; b has the drawn deviation. */
  readonly bias: { readonly probability: number; readonly deviation: Range; readonly controlSpacing: number };
  /** Power of the value scaled to [0, 1] by the patch's minimum and maximum; log-uniform. */
  readonly gamma: { readonly probability: number; readonly exponent: Range };
  /** Factor on the distance from the patch's mean; log-uniform. */
  readonly contrast: { readonly probability: number; readonly factor: Range };
  /** Addition, in standard deviations of the patch. */
  readonly brightness: { readonly probability: number; readonly shift: Range };
  /** Gaussian blur, deviation in voxels. */
  readonly blur: { readonly probability: number; readonly deviation: Range };
  /** Thick slices along one axis drawn at random: voxels that many times as long, interpolated back. */
  readonly lowResolution: { readonly probability: number; readonly factor: Range };
  /** Gaussian noise, deviation in standard deviations of the patch. */
  readonly noise: { readonly probability: number; readonly deviation: Range };
}

export interface AugmentationSettings {
  /** Sides of the result, D H W in voxels; may be greater than the scan's. */
  readonly patch: Sides;
  /** Where the scan is greater than the patch: probability that the patch is centred on a labelled voxel. */
  readonly foreground: number;
  /** Where the scan is not greater than the patch: greatest shift of its centre, either way, if not the padding allows more. */
  readonly shiftVoxels: number;
  readonly spatial: SpatialSettings;
  readonly intensity: IntensitySettings;
}

/** No mirror images: anatomy may be lateral; whoever knows better sets `spatial.mirror`. */
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
