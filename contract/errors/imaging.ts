/** Failures of reading, placing and writing images. `name` is what the user knows the image by, mostly its file name. */
export const imagingErrors = {
  'geometry/box-outside': (d: { boxMm: string; lowMm: string; highMm: string }) =>
    `The box ${d.boxMm} does not touch the scan, which reaches from ${d.lowMm} to ${d.highMm} (RAS+ mm). Give --box x0,y0,z0,x1,y1,z1 inside it.`,
  'geometry/channels': (d: { name: string }) =>
    `${d.name}: its channels lie on different grids. Resample them onto the first channel.`,
  'geometry/mismatch': (d: { name: string; imageSize: string; labelSize: string }) =>
    `${d.name}: image (${d.imageSize}) and labels (${d.labelSize}) lie on different grids. Resample the labels onto the image first.`,
  'geometry/shifted': (d: { name: string; distanceMm: number }) =>
    `${d.name}: image and labels have the same size but lie up to ${d.distanceMm.toFixed(2)} mm apart. Resample the labels onto the image, or correct the position in their header.`,
  'geometry/singular': (d: { name: string }) =>
    `${d.name}: its header places all voxels on one plane, line or point (singular or not finite affine). Convert it again from the original images.`,
  'idx/invalid': (d: { name: string; reason: string }) =>
    `${d.name} is no idx file of images or labels as MNIST has them (${d.reason}). Copy or download it again.`,
  'image/constant': (d: { name: string }) =>
    `${d.name}: all its voxels have one value, so there is nothing to see. Check that the right file was exported.`,
  'image/damaged': (d: { name: string; reason: string }) =>
    `${d.name}: its compressed data are damaged (${d.reason}). Copy or export the file again.`,
  'image/dimensions': (d: { name: string; sizes: string }) =>
    `${d.name}: its header gives the dimensions ${d.sizes}; a scan has three axes, each of at least one voxel, and at most one more. Export it again as a 3-D or 4-D image.`,
  'image/empty': (d: { name: string }) => `${d.name}: the file is empty. Copy or export it again.`,
  'image/no-such-component': (d: { name: string; component: number; components: number }) =>
    `${d.name} holds ${d.components} image${d.components === 1 ? '' : 's'}; there is no number ${d.component + 1}. Segment the scan again.`,
  'image/not-finite': (d: { name: string; count: number }) =>
    `${d.name}: ${d.count} voxel(s) are NaN or infinite. Replace them, for example by 0, before you go on.`,
  'image/spacing': (d: { name: string; spacing: string }) =>
    `${d.name}: its header gives the voxel spacing ${d.spacing}, which must be positive and finite. Convert it again from the original images.`,
  'image/too-large': (d: { name: string; bytes: number }) =>
    `${d.name}: its header asks for ${(d.bytes / 2 ** 30).toFixed(1)} GiB of voxels, more than can be held. If that is wrong the file is damaged; else crop or split the image.`,
  'image/truncated': (d: { name: string; expectedBytes: number; actualBytes: number }) =>
    `${d.name}: the file is cut short: ${d.expectedBytes} bytes needed, at most ${d.actualBytes} there. Copy or export it again.`,
  'image/type-unsupported': (d: { name: string; type: string }) =>
    `${d.name}: voxels of type ${d.type} are not supported. Convert the image to an integer or real type of at most 64 bits, one value a voxel.`,
  'image/unknown-format': (d: { name: string }) =>
    `${d.name}: this is neither NIfTI-1, NIfTI-2 nor NRRD. Convert it to .nii.gz.`,
  'labels/components': (d: { name: string; components: number }) =>
    `${d.name}: labels have ${d.components} values per voxel. Give one label image with one whole number per voxel.`,
  'labels/not-integers': (d: { name: string; value: number }) =>
    `${d.name}: a label image holds whole numbers, here a voxel is ${d.value}. Did you give an image or a probability map instead, or resample labels without nearest neighbour?`,
  'nifti/field': (d: { name: string; field: string; value: string; allowed: string }) =>
    `${d.name}: the NIfTI header field ${d.field} is ${d.value}, but must be ${d.allowed}. Convert the image again from the original.`,
  'nifti/pair-missing': (d: { name: string }) =>
    `${d.name}: this is the header of a .hdr/.img pair. Put both files into one folder under one name, or convert them to .nii.gz.`,
  'npy/invalid': (d: { name: string; reason: string }) => `${d.name}: ${d.reason}. Save it again with numpy.save.`,
  'nrrd/data-missing': (d: { name: string; dataFile: string }) =>
    `${d.name}: its voxels are in ${d.dataFile}, which was not found. Put it beside the header.`,
  'nrrd/field': (d: { name: string; field: string; value: string; allowed: string }) =>
    `${d.name}: the NRRD field "${d.field}" is ${d.value}, but must be ${d.allowed}. Save the image again, for example as .nii.gz.`,
  'plan/field-of-view': (d: { sidesMm: string; lowMm: string; highMm: string }) =>
    `The scan covers ${d.sidesMm} mm, but the model was trained on ${d.lowMm} to ${d.highMm} mm. Crop the scan to what the training scans show (on the command line: --box x0,y0,z0,x1,y1,z1, RAS+ mm), or use a model of whole scans.`,
} as const;
