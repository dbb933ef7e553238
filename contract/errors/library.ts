/** Failures of the app's library of scans. */
export const libraryErrors = {
  'library/no-such-scan': (d: { id: string }) => `There is no scan ${d.id} in the library. Open it again.`,
  'library/pictures': (d: { name: string }) =>
    `${d.name} is in colour: it can be looked at, but no model segments it or learns from it. Choose the original grey-scale series.`,
  'library/labels-changed': (d: { name: string }) =>
    `The labels of ${d.name} were changed elsewhere, perhaps in another window, after this one had opened them. What you drew since is not saved. Open the scan again to go on from the newer ones.`,
  'library/other-grid': (d: { name: string }) =>
    `The labels do not lie on the grid of ${d.name}. Export the image from Fewscan, label it, and bring the labels back.`,
  'library/not-from-dicom': (d: { name: string }) =>
    `${d.name} has no labels, or was not read from DICOM, so that nothing says of which patient and images it is. Open the DICOM files again, or keep the labels as NIfTI.`,
  'library/label-value': (d: { name: string; value: number; most: number }) =>
    `The labels of ${d.name} have the value ${d.value}; the app keeps values up to ${d.most}. Renumber them (the command line takes them as they are).`,
  'library/unreadable-voxels': (d: { reason: string }) =>
    `The voxels that were sent cannot be read (${d.reason}). Save again.`,
  'library/unlabelled': (d: { names: string }) =>
    `These scans have no labels yet: ${d.names}. Label or correct them first, or leave them out.`,
  'library/several-images': (d: { names: string }) =>
    `These scans do not hold the same number of images: ${d.names}. Choose scans with the same images.`,
  'library/other-structures': (d: { label: number; names: string }) =>
    `Label ${d.label} has different names in these scans: ${d.names}. Give it one name in all of them (Review, Correct), or leave some out.`,
  'library/other-sequences': (d: { names: string }) =>
    `These scans do not hold the same sequences in the same order: ${d.names}. Join their images anew, in one order.`,
  'library/no-such-job': (d: { id: string }) => `There is no job ${d.id}. See the list of activity.`,
} as const;
