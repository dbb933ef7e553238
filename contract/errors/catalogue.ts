import { computeErrors } from './compute.ts';
import { dicomErrors } from './dicom.ts';
import { imagingErrors } from './imaging.ts';
import { jobErrors } from './jobs.ts';
import { libraryErrors } from './library.ts';
import { nativeErrors } from './native.ts';
import { storageErrors } from './storage.ts';

/** Every failure a user can meet: a code for machines, a sentence that says what to do. One file an area. */
export const catalogue = {
  ...imagingErrors,
  ...dicomErrors,
  ...jobErrors,
  ...storageErrors,
  ...computeErrors,
  ...libraryErrors,
  ...nativeErrors,
} as const;
export type Catalogue = typeof catalogue;
