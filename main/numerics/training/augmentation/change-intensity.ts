import type { Sides } from '../../tensors/patches.ts';
import { derive, normals, type RandomKey } from '../../tensors/random.ts';
import type { IntensitySettings } from './augmentation-settings.ts';
import { blur } from './blur.ts';
import { between, betweenLog, chance, uniform } from './draws.ts';
import { lowerResolution } from './lower-resolution.ts';
import { smoothField } from './smooth-field.ts';

/** Random changes of one channel [D, H, W]; the result may be the input's own array, changed. */
export function changeIntensity(
  channel: Float32Array,
  sides: Sides,
  settings: IntensitySettings,
  key: RandomKey,
): Float32Array {
  const drawn = (name: keyof IntensitySettings) => chance(derive(key, name, 'chance'), settings[name].probability);
  let image = channel;
  if (drawn('bias')) addBias(image, sides, settings.bias, derive(key, 'bias'));
  if (drawn('gamma')) raise(image, betweenLog(derive(key, 'gamma'), settings.gamma.exponent));
  if (drawn('contrast') || drawn('brightness')) {
    const factor = drawn('contrast') ? betweenLog(derive(key, 'contrast'), settings.contrast.factor) : 1;
    stretch(image, factor, drawn('brightness') ? between(derive(key, 'brightness'), settings.brightness.shift) : 0);
  }
  if (drawn('blur')) {
    const deviation = between(derive(key, 'blur'), settings.blur.deviation);
    image = blur(image, sides, [deviation, deviation, deviation]);
  }
  if (drawn('lowResolution')) {
    const axis = Math.floor(3 * uniform(derive(key, 'axis'))) as 0 | 1 | 2;
    image = lowerResolution(image, sides, axis, between(derive(key, 'lowResolution'), settings.lowResolution.factor));
  }
  if (drawn('noise'))
    addNoise(image, between(derive(key, 'noise'), settings.noise.deviation), derive(key, 'noise', 'values'));
  return image;
}

function addBias(image: Float32Array, sides: Sides, settings: IntensitySettings['bias'], key: RandomKey): void {
  const spacing = settings.controlSpacing;
  const deviation = between(derive(key, 'deviation'), settings.deviation);
  const field = smoothField(sides, { deviation, controlSpacing: [spacing, spacing, spacing] }, derive(key, 'field'));
  const { least } = extent(image);
  for (let n = 0; n < image.length; n++) image[n] = least + (image[n]! - least) * Math.exp(field[n]!);
}

function raise(image: Float32Array, exponent: number): void {
  const { least, greatest } = extent(image);
  const range = greatest - least;
  if (range <= 0) return;
  for (let n = 0; n < image.length; n++) image[n] = least + range * ((image[n]! - least) / range) ** exponent;
}

function stretch(image: Float32Array, factor: number, shift: number): void {
  const { mean, deviation } = moments(image);
  for (let n = 0; n < image.length; n++) image[n] = mean + factor * (image[n]! - mean) + shift * deviation;
}

function addNoise(image: Float32Array, share: number, key: RandomKey): void {
  const deviation = share * moments(image).deviation;
  const noise = normals(key, image.length);
  for (let n = 0; n < image.length; n++) image[n] = image[n]! + deviation * noise[n]!;
}

function extent(image: Float32Array): { readonly least: number; readonly greatest: number } {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let n = 0; n < image.length; n++) {
    const value = image[n]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { least, greatest };
}

function moments(image: Float32Array): { readonly mean: number; readonly deviation: number } {
  let [sum, squares] = [0, 0];
  for (let n = 0; n < image.length; n++) {
    sum += image[n]!;
    squares += image[n]! * image[n]!;
  }
  const mean = sum / image.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / image.length - mean * mean)) };
}
