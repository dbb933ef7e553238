/** A frame of a DICOM image, as others refer to it. */
export interface ReferencedFrame {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** From 1; undefined where the image has no other. */
  readonly frame?: number | undefined;
}

/**
 * What an object that is made from a volume repeats of the DICOM images that the volume was read from (PS3.3: patient, general study, frame of
 * reference), so that an archive files it beside them. Text for people: never for a log.
 */
export interface DicomReference {
  readonly patient: {
    readonly name?: string | undefined;
    readonly id?: string | undefined;
    readonly birthDate?: string | undefined;
    readonly sex?: string | undefined;
  };
  readonly study: {
    readonly instanceUid: string;
    readonly id?: string | undefined;
    readonly date?: string | undefined;
    readonly time?: string | undefined;
    readonly accessionNumber?: string | undefined;
    readonly referringPhysician?: string | undefined;
    readonly description?: string | undefined;
  };
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  /** Every image of the volume once. */
  readonly images: readonly Omit<ReferencedFrame, 'frame'>[];
  /** The frame that slice k of the volume shows; null where the slice was interpolated. */
  readonly slices: readonly (ReferencedFrame | null)[];
}
