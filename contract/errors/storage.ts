/** Failures of files: scans in folders, models, priors, runs, results. Paths are for the user's eyes, not for logs. */
export const storageErrors = {
  'storage/busy': (d: { where: string }) =>
    `Another Fewscan process has been changing ${d.where} for a long time. Wait until it is done, or end it, and try again.`,
  'storage/channel-count-differs': (d: { first: string; firstCount: number; second: string; secondCount: number }) =>
    `${d.second} has ${d.secondCount} channel file(s), but ${d.first} has ${d.firstCount}. Give every case the same channels.`,
  'storage/channel-missing': (d: { name: string; channel: string }) =>
    `${d.name}: its channel ${d.channel} is missing. Put the file into the folder, or leave the case out.`,
  'storage/corrupted': (d: { file: string; reason: string }) =>
    `${d.file} is damaged (${d.reason}). Restore it from a copy, or remove it and make or import it again.`,
  'storage/current-model': (d: { name: string; modelVersion: number }) =>
    `${d.name}@${d.modelVersion} is the version in use. Choose another one with "fewscan models use" before you delete it.`,
  'storage/disk-full': (d: { where: string }) =>
    `There is no room left on the disk for ${d.where}. Nothing half written was left behind: free some space, or write to another disk, and try again.`,
  'storage/duplicate-scan': (d: { name: string; folder: string }) =>
    `${d.folder} holds more than one file for the scan ${d.name}. Keep one of them.`,
  'storage/foreign-folder': (d: { folder: string; found: string }) =>
    `${d.folder} holds files that Fewscan did not write (${d.found}), which would be lost. Move them away, or choose another folder with --out.`,
  'storage/label-missing': (d: { name: string; folder: string }) =>
    `${d.name}: there is no label image of that name in ${d.folder}. Add it, or leave the scan out.`,
  'storage/labels-are-images': (d: { folder: string }) =>
    `Images and labels are both taken from ${d.folder}. Give the label images in a folder of their own, under the names of the scans.`,
  'storage/name': (d: { name: string }) =>
    `"${d.name}" cannot be a name. Use up to 100 letters, digits, ".", "_" and "-", beginning with a letter or digit.`,
  'storage/newer-version': (d: { file: string; found: number; known: number }) =>
    `${d.file} was written by a newer Fewscan (format ${d.found}; this one knows up to ${d.known}). Update Fewscan to use it.`,
  'storage/no-earlier-version': (d: { name: string }) =>
    `No earlier version of ${d.name} was in use, so there is none to go back to.`,
  'storage/no-permission': (d: { where: string }) =>
    `${d.where} may not be read or written here (no permission, or a read-only disk). Change its permissions, or choose another folder.`,
  'storage/no-scans': (d: { folder: string }) =>
    `${d.folder} holds no scan. Scans end in .nii, .nii.gz, .hdr with .img, .nrrd or .nhdr.`,
  'storage/no-such-model': (d: { name: string; known: string }) =>
    `There is no model ${d.name}. Known are: ${d.known || 'none yet'}. Make one with "fewscan adapt", or bring one with "fewscan models import".`,
  'storage/no-such-prior': (d: { name: string; known: string }) =>
    `There is no prior ${d.name}. Known are: ${d.known || 'none yet'}. Make one with "fewscan learn-prior".`,
  'storage/not-a-file': (d: { where: string }) => `${d.where} is a folder, where a file is needed. Check the path.`,
  'storage/not-a-folder': (d: { where: string }) =>
    `${d.where}: a part of this path is a file, where a folder is needed. Check the path.`,
  'storage/not-found': (d: { what: string; where: string }) => `There is no ${d.what} at ${d.where}. Check the path.`,
  'storage/shipped-model': (d: { name: string; modelVersion: number }) =>
    `${d.name}@${d.modelVersion} came with Fewscan and cannot be deleted. Choose another version with "fewscan models use" instead.`,
} as const;
