import type { Vec3 } from '../volume.ts';
import type { Attributes } from './attributes.ts';

/** Where one frame lies, in DICOM's LPS+ mm. */
export interface FramePlace {
  /** Centre of the first pixel. */
  readonly positionLps: Vec3;
  /** Unit vectors along a row (to the next column) and down a column (to the next row). */
  readonly rowDirectionLps: Vec3;
  readonly columnDirectionLps: Vec3;
  /** Distance between columns, and between rows, mm. */
  readonly columnSpacingMm: number;
  readonly rowSpacingMm: number;
}

/** Image Position, Image Orientation and Pixel Spacing, each looked for in the items given, in their order. */
export function placeOf(sources: readonly Attributes[]): FramePlace | undefined {
  const first = (tag: string, count: number): readonly number[] | undefined =>
    sources.map((one) => one.decimals(tag)).find((values) => values.length === count);
  const position = first('x00200032', 3);
  const orientation = first('x00200037', 6);
  const spacing = first('x00280030', 2);
  if (!position || !orientation || !spacing || spacing.some((mm) => !(mm > 0))) return undefined;
  const [rowDirection, columnDirection] = [unit(vec3(orientation, 0)), unit(vec3(orientation, 3))];
  if (!rowDirection || !columnDirection || Math.abs(dot(rowDirection, columnDirection)) > squareTolerance)
    return undefined;
  return {
    positionLps: vec3(position, 0),
    rowDirectionLps: rowDirection,
    columnDirectionLps: columnDirection,
    rowSpacingMm: spacing[0]!,
    columnSpacingMm: spacing[1]!,
  };
}

/** Cosine up to which rows and columns count as square to each other: headers are rounded. */
const squareTolerance = 1e-2;

export const vec3 = (values: readonly number[], from: number): Vec3 => [
  values[from]!,
  values[from + 1]!,
  values[from + 2]!,
];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const scaled = (a: Vec3, by: number): Vec3 => [a[0] * by, a[1] * by, a[2] * by];
export const plus = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const minus = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
/** The door, both ways: DICOM's x points to the patient's left and y to the back, ours to the right and the front. */
export const turnLpsRas = ([x, y, z]: Vec3): Vec3 => [-x, -y, z];
export const lengthOf = (a: Vec3): number => Math.hypot(a[0], a[1], a[2]);

function unit(a: Vec3): Vec3 | undefined {
  const length = lengthOf(a);
  return length > 0.5 && length < 1.5 ? scaled(a, 1 / length) : undefined;
}
