/** Failures of reading DICOM. `name` is a file's name, `series` what the user knows the series by. */
export const dicomErrors = {
  'dicom/codec': (d: { name: string; syntax: string; reason: string }) =>
    `${d.name}: its ${d.syntax} pixels cannot be decoded (${d.reason}). Export it again from the archive, if you can uncompressed.`,
  'dicom/colour': (d: { photometric: string }) =>
    `The series is in colour (${d.photometric}): it can be looked at, but not segmented. Choose the original grey-scale series.`,
  'dicom/damaged': (d: { name: string; reason: string }) =>
    `${d.name}: the DICOM file is damaged (${d.reason}). Copy or export it again.`,
  'dicom/decoder-died': (d: { name: string; how: string }) =>
    `${d.name}: decoding its pixels was stopped (${d.how}). The file is damaged or hostile: leave it out, or export it again.`,
  'dicom/duplicate-positions': (d: { count: number }) =>
    `${d.count} slices lie at places where there is one already, and nothing in their headers tells them apart. Export the phases or echoes as series of their own.`,
  'dicom/frames': (d: { name: string; found: number; expected: number }) =>
    `${d.name}: it holds the pixels of ${d.found} frame(s), but its header promises ${d.expected}. Export it again.`,
  'dicom/gantry-tilt': (d: { degrees: number }) =>
    `The slices are tilted by ${d.degrees.toFixed(1)} degrees against their stack (gantry tilt). Straighten them first, if that is what you want: "fewscan import FOLDER --correct tilt --out straight.nii.gz".`,
  'dicom/missing-slices': (d: { count: number; at: string }) =>
    `${d.count} slice(s) are missing at ${d.at}. Send the series again from the archive, or fill the gaps between neighbours first: "fewscan import FOLDER --correct spacing --out filled.nii.gz".`,
  'dicom/no-geometry': (d: { kind: string }) =>
    `There is no position in space in these images (${d.kind}): they are no volume. Choose a series of slices.`,
  'dicom/no-pixels': (d: { kind: string }) => `This is no image (${d.kind}). Choose a series of images.`,
  'dicom/no-such-series': (d: { series: string; known: string }) =>
    `There is no series ${d.series} here. Known are: ${d.known}. See "fewscan import INPUT".`,
  'dicom/which-series': (d: { known: string }) =>
    `--out takes one series: say which with --series UID. Known are: ${d.known}.`,
  'dicom/not-dicom': (d: { name: string }) => `${d.name} is no DICOM file. Check the path.`,
  'dicom/one-slice': (d: { kind: string }) =>
    `There is one slice only (${d.kind}), which is no volume. Choose a series of several slices.`,
  'dicom/pixel-header': (d: { name: string; attribute: string; value: string }) =>
    `${d.name}: ${d.attribute} is ${d.value}, which no image has. The header is damaged: export it again.`,
  'dicom/several-volumes': (d: { series: string; parts: number }) =>
    `Series ${d.series} holds ${d.parts} volumes (echoes, phases or orientations). Choose one with --part 1 to ${d.parts}.`,
  'dicom/too-few-slices': (d: { there: number; needed: number }) =>
    `Only ${d.there} of about ${d.needed} slices are there: most of the volume would be made up. Send the series again from the archive.`,
  'dicom/transfer-syntax': (d: { name: string; uid: string }) =>
    `${d.name}: pixels of the transfer syntax ${d.uid} are not supported. Export the series uncompressed.`,
  'dicom/uneven-spacing': (d: { leastMm: number; mostMm: number }) =>
    `The distance between slices varies from ${d.leastMm.toFixed(2)} to ${d.mostMm.toFixed(2)} mm. Resample them evenly first, if that is what you want: "fewscan import FOLDER --correct spacing --out even.nii.gz".`,
} as const;
