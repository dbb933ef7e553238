import type { Sides } from '../tensors/patches.ts';
import { perAxis } from '../tensors/per-axis.ts';
import type { SynthesisSettings } from './synthesis-settings.ts';

/** Where more is reached once in hundreds of control points, the label map is shown to end: background. */
const elasticDeviations = 3;

/** How far from the target's middle a result may reach at most, voxels along D, H, W: what a label crop must hold. */
export function reachOf({ crop, spatial, jitterVoxels }: SynthesisSettings): Sides {
  const least = spatial.scale[0] * (1 - spatial.axisScale);
  const bend = elasticDeviations * spatial.elastic.deviationMm[1];
  const halfMm = crop.map((side, axis) => (side / 2) * spatial.spacingMm[axis]! + bend);
  const sine = spatial.rotationDegrees.map((degrees) => Math.sin((Math.min(degrees, 90) * Math.PI) / 180));
  return perAxis((axis) => {
    const [one, other] = [(axis + 1) % 3, (axis + 2) % 3] as [number, number]; // a turn about one carries the other here
    const turnedMm = halfMm[axis]! + halfMm[one]! * sine[other]! + halfMm[other]! * sine[one]!;
    return Math.ceil(turnedMm / least / spatial.spacingMm[axis]! + jitterVoxels) + 1;
  });
}
