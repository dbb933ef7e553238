/** Failures of reading, placing and writing images. */
export const imagingErrors = {
  'geometry/mismatch': (d: { name: string; imageSize: string; labelSize: string }) =>
    `${d.name}: image (${d.imageSize}) and labels (${d.labelSize}) lie on different grids. Resample the labels onto the image first.`,
} as const;
