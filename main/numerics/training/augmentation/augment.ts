import type { Sides } from '../../tensors/patches.ts';
import { perAxis } from '../../tensors/per-axis.ts';
import { derive, type RandomKey, uniforms } from '../../tensors/random.ts';
import type { AugmentationSettings, PerAxis } from './augmentation-settings.ts';
import { changeIntensity } from './change-intensity.ts';
import { chance, uniform } from './draws.ts';
import { resampleLabels, resampleLinear } from './resample.ts';
import { drawSpatialTransform, sourcePositions } from './spatial-transform.ts';

/** An image with its labels on one grid, i fastest. */
export interface LabelledImage {
  /** [D, H, W, C], normalised. */
  readonly image: Float32Array;
  /** [D, H, W]. */
  readonly labels: Uint8Array;
  readonly size: Sides;
  readonly channels: number;
}

/**
 * A random patch of `settings.patch`: crop, rotation, scale, elastic deformation and mirror in one resampling, then
 * changes of intensity. A function of the key alone. Beyond the scan image and labels go on as at the nearest edge voxel,
 * as in prediction (`extractPatch`).
 */
export function augment(sample: LabelledImage, settings: AugmentationSettings, key: RandomKey): LabelledImage {
  const { patch } = settings;
  const { channels } = sample;
  const transform = drawSpatialTransform(settings.spatial, patch, derive(key, 'spatial'));
  const positions = sourcePositions(transform, patch, drawCentre(sample, settings, derive(key, 'centre')));
  const labels = resampleLabels(sample.labels, sample.size, positions);
  const image = resampleLinear(sample.image, sample.size, channels, positions);
  for (let c = 0; c < channels; c++) {
    const plane = channels === 1 ? image : image.filter((_, n) => n % channels === c);
    const changed = changeIntensity(plane, patch, settings.intensity, derive(key, 'intensity', c));
    for (let n = 0; n < changed.length; n++) image[n * channels + c] = changed[n]!;
  }
  return { image, labels, size: patch, channels };
}

/** Found once for each scan, not for each sample. */
const foregrounds = new WeakMap<Uint8Array, Uint32Array>();

/** Positions of labelled voxels in [D, H, W]. */
function foregroundVoxels(labels: Uint8Array): Uint32Array {
  const known = foregrounds.get(labels);
  if (known) return known;
  let count = 0;
  for (let n = 0; n < labels.length; n++) if (labels[n]! > 0) count++;
  const voxels = new Uint32Array(count);
  for (let n = 0, place = 0; place < count; n++) if (labels[n]! > 0) voxels[place++] = n;
  foregrounds.set(labels, voxels);
  return voxels;
}

function drawCentre(
  sample: LabelledImage,
  { patch, foreground, shiftVoxels }: AugmentationSettings,
  key: RandomKey,
): PerAxis {
  const place = uniforms(derive(key, 'place'), 3);
  const aim =
    sample.size.some((length, axis) => length > patch[axis]!) && chance(derive(key, 'chance'), foreground)
      ? drawForeground(sample, derive(key, 'voxel'))
      : undefined;
  return perAxis((axis) => {
    const length = sample.size[axis];
    const slack = length - patch[axis];
    const middle = (length - 1) / 2;
    if (slack <= 0) return middle + (2 * place[axis]! - 1) * Math.max(shiftVoxels, -slack / 2);
    const wanted = aim ? aim[axis]! : middle + (place[axis]! - 0.5) * slack;
    return Math.min(Math.max(wanted, middle - slack / 2), middle + slack / 2);
  });
}

function drawForeground({ labels, size }: LabelledImage, key: RandomKey): PerAxis | undefined {
  const voxels = foregroundVoxels(labels);
  if (voxels.length === 0) return undefined;
  const voxel = voxels[Math.floor(uniform(key) * voxels.length)]!;
  return [Math.floor(voxel / (size[1] * size[2])), Math.floor(voxel / size[2]) % size[1], voxel % size[2]];
}
