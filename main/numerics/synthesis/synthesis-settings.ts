import type { Sides } from '../tensors/patches.ts';
import type { Range, SpatialSettings } from '../training/augmentation/augmentation-settings.ts';
import type { VesselSettings } from './add-vessels.ts';
import type { IntensityChoice } from './intensity-model.ts';

/** How images are made from label maps. Intensities are on a scale of 0 to 255 until the last step. */
export interface SynthesisSettings {
  /** Sides of the result, D H W in voxels. */
  readonly crop: Sides;
  readonly intensities: IntensityChoice;
  /** Greatest distance of the crop's centre from the target's, either way, voxels along each axis. */
  readonly jitterVoxels: number;
  readonly spatial: SpatialSettings;
  /** Share of a class's deviation that stays after `blur`, as texture. */
  readonly texture: Range;
  readonly vessels: VesselSettings;
  /** Deviation (voxels) of the blur over all axes alike: partial volume and texture. */
  readonly blur: Range;
  /** Multiplicative field exp(b); control points so many voxels apart. */
  readonly bias: { readonly deviation: Range; readonly controlSpacing: number };
  /** Power of the image scaled to [0, 1]; the logarithm has this deviation. */
  readonly gammaDeviation: number;
  /** Thick slices along one axis. */
  readonly lowResolution: { readonly probability: number; readonly factor: Range };
  /** Deviation of the noise of the scanner. */
  readonly noise: Range;
}

/** Ranges after SynthSeg (Billot et al. 2023), narrower where crops of one structure in nearly isotropic scans ask for it. */
export const defaultSynthesis: SynthesisSettings = {
  crop: [40, 56, 40],
  intensities: 'mixed',
  jitterVoxels: 2,
  spatial: {
    probability: 1,
    spacingMm: [1, 1, 1],
    rotationDegrees: [10, 10, 20],
    scale: [0.85, 1.12],
    axisScale: 0.1,
    elastic: { probability: 1, deviationMm: [0.5, 2], controlSpacingMm: 12 },
    mirror: [0, 0, 0.5],
  },
  texture: [0.4, 1.1],
  vessels: { most: 6, lengthVoxels: [1, 10], radiusVoxels: [0.5, 1], brightness: [50, 350] },
  blur: [0.35, 0.7],
  bias: { deviation: [0, 0.2], controlSpacing: 28 },
  gammaDeviation: 0.2,
  lowResolution: { probability: 0.25, factor: [1.3, 2.5] },
  noise: [1, 8],
};
