import type { Sides } from '../../tensors/patches.ts';
import { perAxis } from '../../tensors/per-axis.ts';
import { derive, type RandomKey, uniforms } from '../../tensors/random.ts';
import type { PerAxis, SpatialSettings } from './augmentation-settings.ts';
import { between, betweenLog, chance } from './draws.ts';
import { smoothField } from './smooth-field.ts';

type Matrix = readonly [PerAxis, PerAxis, PerAxis];

/** From a voxel of the result to a place in the scan: centre + matrix * (voxel - middle of the result + displacement). */
export interface SpatialTransform {
  readonly matrix: Matrix;
  /** Along D, H, W, each [D, H, W] of the result, in its voxels; none where there is no elastic part. */
  readonly displacement: readonly Float32Array[];
}

export function drawSpatialTransform(settings: SpatialSettings, sides: Sides, key: RandomKey): SpatialTransform {
  const mirrored = uniforms(derive(key, 'mirror'), 3);
  const signs = perAxis((axis) => (mirrored[axis]! < settings.mirror[axis] ? -1 : 1));
  if (!chance(derive(key, 'spatial'), settings.probability)) return { matrix: diagonal(signs), displacement: [] };
  const turn = uniforms(derive(key, 'rotation'), 3);
  const angles = settings.rotationDegrees.map((most, axis) => ((2 * turn[axis]! - 1) * most * Math.PI) / 180);
  const stretch = uniforms(derive(key, 'axis-scale'), 3);
  const scale = betweenLog(derive(key, 'scale'), settings.scale);
  const shrink = perAxis((axis) => signs[axis] / (scale * (1 + (2 * stretch[axis]! - 1) * settings.axisScale)));
  const rotation = multiply(multiply(rotate(0, angles[0]!), rotate(1, angles[1]!)), rotate(2, angles[2]!));
  const spacing = settings.spacingMm;
  const matrix = multiply(
    diagonal(shrink),
    multiply(diagonal(inverse(spacing)), multiply(rotation, diagonal(spacing))),
  );
  return { matrix, displacement: drawDisplacement(settings, sides, derive(key, 'elastic')) };
}

function drawDisplacement(
  { elastic, spacingMm }: SpatialSettings,
  sides: Sides,
  key: RandomKey,
): readonly Float32Array[] {
  if (!chance(derive(key, 'chance'), elastic.probability)) return [];
  const deviationMm = between(derive(key, 'deviation'), elastic.deviationMm);
  const controlSpacing = perAxis((axis) => elastic.controlSpacingMm / spacingMm[axis]);
  return spacingMm.map((mm, axis) =>
    smoothField(sides, { deviation: deviationMm / mm, controlSpacing }, derive(key, 'field', axis)),
  );
}

/** Where each voxel of the result lies in the scan: Float32Array [D, H, W, 3], in voxels along D, H, W. */
export function sourcePositions(
  { matrix, displacement }: SpatialTransform,
  sides: Sides,
  centre: PerAxis,
): Float32Array {
  const positions = new Float32Array(sides[0] * sides[1] * sides[2] * 3);
  const [[a, b, c], [d, e, f], [g, h, i]] = matrix;
  const [alongDepth, alongHeight, alongWidth] = displacement;
  const [midDepth, midHeight, midWidth] = perAxis((axis) => (sides[axis] - 1) / 2);
  let voxel = 0;
  let place = 0;
  for (let deep = 0; deep < sides[0]; deep++) {
    for (let high = 0; high < sides[1]; high++) {
      for (let wide = 0; wide < sides[2]; wide++, voxel++) {
        let z = deep - midDepth;
        let y = high - midHeight;
        let x = wide - midWidth;
        if (alongDepth) {
          z += alongDepth[voxel]!;
          y += alongHeight![voxel]!;
          x += alongWidth![voxel]!;
        }
        positions[place++] = centre[0] + a * z + b * y + c * x;
        positions[place++] = centre[1] + d * z + e * y + f * x;
        positions[place++] = centre[2] + g * z + h * y + i * x;
      }
    }
  }
  return positions;
}

const inverse = (values: PerAxis): PerAxis => [1 / values[0], 1 / values[1], 1 / values[2]];
const diagonal = ([a, b, c]: PerAxis): Matrix => [
  [a, 0, 0],
  [0, b, 0],
  [0, 0, c],
];

function rotate(axis: 0 | 1 | 2, angle: number): Matrix {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  if (axis === 0)
    return [
      [1, 0, 0],
      [0, cosine, -sine],
      [0, sine, cosine],
    ];
  if (axis === 1)
    return [
      [cosine, 0, sine],
      [0, 1, 0],
      [-sine, 0, cosine],
    ];
  return [
    [cosine, -sine, 0],
    [sine, cosine, 0],
    [0, 0, 1],
  ];
}

function multiply(left: Matrix, right: Matrix): Matrix {
  const row = ([a, b, c]: PerAxis): PerAxis => perAxis((n) => a * right[0][n] + b * right[1][n] + c * right[2][n]);
  return [row(left[0]), row(left[1]), row(left[2])];
}
