import type { Voxels } from './volume.ts';

/** A new array of the same type, all zero. */
export function emptyLike<Data extends Voxels>(voxels: Data, length: number): Data {
  return new (voxels.constructor as new (length: number) => Data)(length); // every Voxels type has this constructor
}
