import type { Sides } from '../tensors/patches.ts';
import { derive, normals, type RandomKey } from '../tensors/random.ts';
import { lowerResolution } from '../training/augmentation/lower-resolution.ts';
import { smoothField } from '../training/augmentation/smooth-field.ts';

/** How another scanner would have shown a scan. Intensities are on a scale of 0 to 1 between the scan's 0.5 and 99.5 percentiles. */
export interface Acquisition {
  /** Dark becomes bright: another weighting. */
  readonly reversed: boolean;
  /** Power of the intensity: a bent contrast. */
  readonly gamma: number;
  /** Multiplicative field exp(b) of a coil: deviation of b at control points, and how far these are apart in voxels. */
  readonly field: { readonly deviation: number; readonly controlSpacing: number };
  /** Slices so many times as thick, interpolated back, along D (0), H (1) or W (2). */
  readonly thickness: { readonly axis: 0 | 1 | 2; readonly factor: number };
  /** Deviation of the noise. */
  readonly noise: number;
}

/**
 * Contrast, field, slice thickness and noise beyond every range that the shipped prior's sources were trained in (`defaultSynthesis`: gamma's
 * logarithm of deviation 0.2, field to 0.2, factor to 2.5, noise to 8 / 255) and beyond those of augmentation (to 1.5, 0.25, 2.2).
 */
export const foreignAcquisition: Acquisition = {
  reversed: true,
  gamma: 2.5,
  field: { deviation: 0.4, controlSpacing: 20 },
  thickness: { axis: 0, factor: 3 },
  noise: 0.05,
};

/** A poorer scanner of the same kind: slices of 3 mm where voxels have 1 mm, bent contrast, strong noise, a coil's field (target B of docs/results/protocol.md). */
export const poorerAcquisition: Acquisition = {
  reversed: false,
  gamma: 1.5,
  field: { deviation: 0.3, controlSpacing: 20 },
  thickness: { axis: 0, factor: 3 },
  noise: 0.06,
};

/** The scan [D, H, W] as the acquisition would show it, from 0; depends on the key alone. The input stays. */
export function acquire(scan: Float32Array, sides: Sides, settings: Acquisition, key: RandomKey): Float32Array {
  const { reversed, gamma, field, thickness, noise } = settings;
  const sorted = scan.slice().sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const [low, high] = [at(0.005), at(0.995)];
  const spacing = field.controlSpacing;
  const bias = smoothField(
    sides,
    { deviation: field.deviation, controlSpacing: [spacing, spacing, spacing] },
    derive(key, 'field'),
  );
  const contrasted = scan.map((value, n) => {
    const scaled = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
    return (reversed ? 1 - scaled : scaled) ** gamma * Math.exp(bias[n]!);
  });
  const thick = lowerResolution(contrasted, sides, thickness.axis, thickness.factor);
  const grain = normals(derive(key, 'noise'), thick.length);
  return thick.map((value, n) => Math.max(0, value + noise * grain[n]!));
}
