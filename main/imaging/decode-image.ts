import { decodeNifti } from './nifti/decode.ts';
import { decodeNrrd } from './nrrd/decode.ts';
import { isNrrd } from './nrrd/header.ts';
import type { Volume } from './volume.ts';

/**
 * Any image that we read, known by its first bytes: NIfTI (gz too) or NRRD. `companion` is the second file where there
 * is one: the .img of a pair, or the data file of a detached NRRD header (see detachedDataFile).
 * @throws AppError of the imaging area, naming `name`
 */
export const decodeImage = (bytes: Uint8Array, companion?: Uint8Array, name?: string): Volume =>
  isNrrd(bytes) ? decodeNrrd(bytes, companion, name) : decodeNifti(bytes, companion, name);
