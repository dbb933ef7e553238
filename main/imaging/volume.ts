import type { DicomReference } from './dicom/dicom-reference.ts';

/** Three numbers along voxel axes i, j, k or along world axes x, y, z; the name says which. */
export type Vec3 = readonly [number, number, number];
/** The first three rows of a voxel-to-world matrix: [x, y, z]^T = rows * [i, j, k, 1]^T. */
export type Affine = readonly [
  readonly [number, number, number, number],
  readonly [number, number, number, number],
  readonly [number, number, number, number],
];
export type Voxels =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Where voxels are. World space is RAS+ millimetres (x to the patient's Right, y Anterior, z Superior), at voxel centres. */
export interface Grid {
  /** [ni, nj, nk], voxels. */
  readonly size: Vec3;
  readonly affineRasMm: Affine;
}

/** An image on a grid, read-only by convention: whoever changes voxels makes a new array. */
export interface Volume<Data extends Voxels = Voxels> extends Grid {
  /** index = i + ni * (j + nj * (k + nk * component)), i fastest; values are already rescaled (slope, intercept). */
  readonly voxels: Data;
  /** Values per voxel: 1, or the length of NIfTI's fourth axis (channels, classes, time). */
  readonly components: number;
  /** Corrections or contradictions found while reading, in sentences for the user, without file names. */
  readonly warnings: readonly string[];
  /** Labels that leave out empty slices of the grid they were drawn on: beyond them there is background. */
  readonly partial?: boolean;
  /** What label values are called, where the file says so. */
  readonly structureNames?: Readonly<Record<number, string>>;
  /** Pictures in colour (red, green and blue, 0 to 255), to be looked at, not measured; `placed` where they are where they were taken. */
  readonly pictures?: { readonly placed: boolean };
  /** The DICOM images that it was read from, where it is on their grid. */
  readonly dicom?: DicomReference;
}
