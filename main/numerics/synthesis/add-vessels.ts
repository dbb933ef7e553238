import type { Sides } from '../tensors/patches.ts';
import { derive, normals, type RandomKey, uniforms } from '../tensors/random.ts';
import type { Range } from '../training/augmentation/augmentation-settings.ts';
import { between } from '../training/augmentation/draws.ts';

export interface VesselSettings {
  /** How many pieces, uniform from 0 to this. */
  readonly most: number;
  readonly lengthVoxels: Range;
  /** Deviation of the round profile. */
  readonly radiusVoxels: Range;
  /** How much brighter than what is there, on the scale of 0 to 255. */
  readonly brightness: Range;
}

/** Adds short straight bright tubes at random places and in random directions, [D, H, W] in place: inflowing blood in T1 images, far above any tissue. */
export function addVessels(image: Float32Array, sides: Sides, settings: VesselSettings, key: RandomKey): void {
  const count = Math.floor(between(derive(key, 'count'), [0, settings.most + 1]));
  for (let vessel = 0; vessel < count; vessel++) {
    const own = derive(key, 'vessel', vessel);
    const start = uniforms(derive(own, 'start'), 3).map((share, axis) => share * (sides[axis]! - 1));
    const direction = normals(derive(own, 'direction'), 3);
    const norm = Math.hypot(...direction);
    const radius = between(derive(own, 'radius'), settings.radiusVoxels);
    const length = between(derive(own, 'length'), settings.lengthVoxels);
    const brightness = between(derive(own, 'brightness'), settings.brightness);
    // balls half a voxel apart, scaled so that they sum to the brightness along the middle of a long tube
    for (let along = 0; along <= length; along += 0.5) {
      const middle = start.map((place, axis) => place + (along * direction[axis]!) / norm);
      addBall(image, sides, { middle, radius, brightness: (brightness * 0.5) / (radius * Math.sqrt(2 * Math.PI)) });
    }
  }
}

interface Ball {
  readonly middle: Float64Array;
  readonly radius: number;
  readonly brightness: number;
}

function addBall(image: Float32Array, sides: Sides, { middle, radius, brightness }: Ball): void {
  const from = Array.from(middle, (place) => Math.max(0, Math.ceil(place - 3 * radius)));
  const to = Array.from(middle, (place, axis) => Math.min(sides[axis]! - 1, Math.floor(place + 3 * radius)));
  for (let d = from[0]!; d <= to[0]!; d++) {
    for (let h = from[1]!; h <= to[1]!; h++) {
      for (let w = from[2]!; w <= to[2]!; w++) {
        const square = (d - middle[0]!) ** 2 + (h - middle[1]!) ** 2 + (w - middle[2]!) ** 2;
        const voxel = (d * sides[1] + h) * sides[2] + w;
        image[voxel] = image[voxel]! + brightness * Math.exp(-square / (2 * radius * radius));
      }
    }
  }
}
