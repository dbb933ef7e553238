import type { WireError } from '../../contract/errors/app-error.ts';
import type { VolumePart } from '../imaging/dicom/volume-parts.ts';
import type { ScalarType } from '../imaging/scalar-types.ts';
import type { DicomTask } from '../storage/dicom/decode-dicom.ts';

/** What the decoding child is told. */
export interface ToDecoder {
  readonly task: DicomTask;
  /** Resident memory beyond which it gives up. */
  readonly mostBytes: number;
}

/** What the decoding child says. Values do not travel in messages, which cost a dozen copies, but through a file. */
export type FromDecoder =
  | Exclude<VolumePart, { readonly kind: 'slice' }>
  /** The next values are in the file. */
  | { readonly kind: 'stored'; readonly type: ScalarType; readonly count: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: WireError }
  | { readonly kind: 'bug'; readonly stack: string };

/** Descriptor, in the child, of the file that its parent reads along: it has no name, and goes with the last process that holds it. */
export const voxelFile = 4;
