import type { Sides } from '../tensors/patches.ts';
import { perAxis } from '../tensors/per-axis.ts';
import { derive, normals, type RandomKey, uniforms } from '../tensors/random.ts';
import type { PerAxis } from '../training/augmentation/augmentation-settings.ts';
import { blur } from '../training/augmentation/blur.ts';
import { between, chance, uniform } from '../training/augmentation/draws.ts';
import { lowerResolution } from '../training/augmentation/lower-resolution.ts';
import { resampleLabels, resampleLinear } from '../training/augmentation/resample.ts';
import { smoothField } from '../training/augmentation/smooth-field.ts';
import { drawSpatialTransform, sourcePositions } from '../training/augmentation/spatial-transform.ts';
import { addVessels } from './add-vessels.ts';
import { drawAppearances, type IntensityModel } from './intensity-model.ts';
import type { SynthesisSettings } from './synthesis-settings.ts';

/** A part of a label map, [D, H, W], with a margin around what a result shows. */
export interface LabelCrop {
  readonly labels: Uint16Array;
  /** The values that occur. */
  readonly values: readonly number[];
  readonly size: Sides;
  /** Middle of the target structure, voxels along D, H, W. */
  readonly centre: PerAxis;
}

export interface SynthesizedImage {
  /** [D, H, W], 0 to 1. */
  readonly image: Float32Array;
  /** The label map's own values, [D, H, W]. */
  readonly labels: Uint16Array;
  readonly size: Sides;
}

/**
 * One image of random contrast from labels, in the manner of SynthSeg (Billot et al., Medical Image Analysis 2023): the
 * labels are deformed, each class gets a Gaussian intensity, and bias field, blur, slice thickness, gamma and noise make a
 * scan of it. A function of the key alone.
 */
export function synthesizeImage(
  crop: LabelCrop,
  model: IntensityModel,
  settings: SynthesisSettings,
  key: RandomKey,
): SynthesizedImage {
  const sides = settings.crop;
  const jitter = uniforms(derive(key, 'jitter'), 3);
  const centre = perAxis((axis) => crop.centre[axis] + (2 * jitter[axis]! - 1) * settings.jitterVoxels);
  const transform = drawSpatialTransform(settings.spatial, sides, derive(key, 'spatial'));
  const positions = sourcePositions(transform, sides, centre);
  const labels = resampleLabels(crop.labels, crop.size, positions, 'zero');
  const tissue = paint(crop, { model, settings, positions, labels }, derive(key, 'tissue'));
  return { image: scan(tissue, settings, derive(key, 'scan')), labels, size: sides };
}

interface Painting {
  readonly model: IntensityModel;
  readonly settings: SynthesisSettings;
  readonly positions: Float32Array;
  readonly labels: Uint16Array;
}

/** Means between labels mix by partial volume, as the positions lie; textures are the strongest label's. */
function paint(crop: LabelCrop, { model, settings, positions, labels }: Painting, key: RandomKey): Float32Array {
  const appearances = drawAppearances(crop.values, model, settings.intensities, derive(key, 'appearance'));
  const means = new Float32Array(Math.max(...crop.values) + 1);
  const deviations = new Float32Array(means.length);
  for (const [label, { mean, deviation }] of appearances) {
    means[label] = mean;
    deviations[label] = deviation;
  }
  const painted = new Float32Array(crop.labels.length);
  for (let n = 0; n < painted.length; n++) painted[n] = means[crop.labels[n]!]!;
  const tissue = resampleLinear(painted, crop.size, 1, positions);
  const share = between(derive(key, 'share'), settings.texture);
  const texture = normals(derive(key, 'texture'), tissue.length);
  for (let n = 0; n < tissue.length; n++) tissue[n] = tissue[n]! + share * deviations[labels[n]!]! * texture[n]!;
  addVessels(tissue, settings.crop, settings.vessels, derive(key, 'vessels'));
  return tissue;
}

function scan(tissue: Float32Array, settings: SynthesisSettings, key: RandomKey): Float32Array {
  const sides = settings.crop;
  const width = between(derive(key, 'blur'), settings.blur);
  let image = blur(tissue, sides, [width, width, width]);
  const { controlSpacing, deviation } = settings.bias;
  const bias = smoothField(
    sides,
    {
      deviation: between(derive(key, 'bias'), deviation),
      controlSpacing: [controlSpacing, controlSpacing, controlSpacing],
    },
    derive(key, 'field'),
  );
  for (let n = 0; n < image.length; n++) image[n] = Math.max(image[n]!, 0) * Math.exp(bias[n]!);
  if (chance(derive(key, 'thick'), settings.lowResolution.probability)) {
    const axis = Math.floor(3 * uniform(derive(key, 'axis'))) as 0 | 1 | 2;
    image = lowerResolution(image, sides, axis, between(derive(key, 'factor'), settings.lowResolution.factor));
  }
  const noise = normals(derive(key, 'noise', 'values'), image.length);
  const noiseDeviation = between(derive(key, 'noise'), settings.noise);
  for (let n = 0; n < image.length; n++) image[n] = Math.max(image[n]! + noiseDeviation * noise[n]!, 0);
  return raiseScaled(image, Math.exp(settings.gammaDeviation * normals(derive(key, 'gamma'), 1)[0]!));
}

/** To 0 to 1 by minimum and maximum, then to a power. A constant image is 0. */
function raiseScaled(image: Float32Array, exponent: number): Float32Array {
  const least = image.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const greatest = image.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const range = greatest - least || 1;
  return image.map((value) => ((value - least) / range) ** exponent);
}
