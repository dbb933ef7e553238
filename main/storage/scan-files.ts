import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../contract/errors/app-error.ts';
import { decodeImage } from '../imaging/decode-image.ts';
import { looksLikeDicom } from '../imaging/dicom/parse-file.ts';
import { detachedDataFile } from '../imaging/nrrd/header.ts';
import type { Volume } from '../imaging/volume.ts';
import type { DicomFiles, ScanFile, ScanFiles } from '../jobs/ports.ts';
import { openDicomSeries, type Wanted } from './dicom/dicom-series.ts';
import { bundleLooseFiles, filesOfInput } from './dicom/loose-files.ts';
import { readReference } from './dicom/reference-file.ts';
import { errorCode, fileFailure } from './files/file-failure.ts';
import { listFolder } from './files/list-folder.ts';
import { readFileBytes, readFileIfThere } from './files/read-file.ts';
import { hashVolume } from './hash-volume.ts';
import { labelledFolders, readDataset } from './labelled-dataset.ts';

const extensions = ['.nii.gz', '.nii', '.nrrd', '.nhdr', '.hdr'] as const;

/** File name without its extensions, undefined where it is no scan's. */
export function scanName(file: string): string | undefined {
  const extension = extensions.find((ending) => file.toLowerCase().endsWith(ending));
  return extension === undefined || file.startsWith('.') ? undefined : file.slice(0, -extension.length);
}

/** Scans as files of NIfTI or NRRD, or as volumes of DICOM series. */
export function openScanFiles(dicom: DicomFiles): ScanFiles {
  const series = openDicomSeries(dicom);
  const list = async (path: string, which: Wanted): Promise<readonly ScanFile[]> => {
    const files = await listFiles(path);
    if (files.length > 0) return files;
    const volumes = await series.list(path, which);
    if (volumes.length === 0) throw new AppError('storage/no-scans', { folder: path });
    return volumes;
  };
  const seriesBelow = async (path: string, without: readonly string[]): Promise<readonly ScanFile[]> => {
    if (!without.some((one) => one.startsWith(path))) return series.list(path, 'viewable');
    const lists: (readonly ScanFile[])[] = [];
    for (const name of await listFolder(path)) {
      const below = join(path, name);
      if (!without.includes(below) && (await isFolder(below))) lists.push(await seriesBelow(below, without));
    }
    return lists.flat();
  };
  /** Whatever a folder holds that can be looked at, in sub-folders too, of any format. */
  const listAll = async (path: string, without: readonly string[] = []): Promise<readonly ScanFile[]> => {
    if (filesOfInput(path).length > 1 || !(await isFolder(path))) return list(path, 'viewable');
    const files = await filesBelow(path, without);
    const volumes = seriesBelow(path, without).catch((cause: unknown) => {
      if ((files.length === 0 && without.length === 0) || !(cause instanceof AppError)) throw cause;
      return []; // a series that cannot be read does not keep the files out
    });
    const scans = [...files, ...(await volumes)];
    if (scans.length === 0 && without.length === 0) throw new AppError('storage/no-scans', { folder: path });
    return scans;
  };
  const read = async (path: string, which: Wanted): Promise<Volume> =>
    series.isSeries(path) ? series.read(path, which) : readFileVolume(path);
  const listScans = (path: string) => list(path, 'volumes');
  return {
    readVolume: (path) => read(path, 'volumes'),
    hashVolume,
    listScans,
    bundle: (inputs) => bundleLooseFiles(inputs, (file) => scanName(file) !== undefined),
    viewable: { listScans: listAll, readVolume: (path) => read(path, 'viewable') },
    readDataset: (source, { unlabelled } = { unlabelled: 'refused' }) => readDataset(source, listScans, unlabelled),
    labelledFolders,
  };
}

async function readFileVolume(path: string): Promise<Volume> {
  const bytes = await readFileBytes(path, 'scan');
  const name = basename(path);
  const volume = decodeImage(bytes, await companionOf(path, bytes, name), name);
  const reference = await readReference(path);
  return reference ? { ...volume, dicom: reference } : volume;
}

/** The second file of a .hdr/.img pair or of a detached NRRD header. */
async function companionOf(path: string, bytes: Uint8Array, name: string): Promise<Uint8Array | undefined> {
  if (/\.hdr$/i.test(path)) {
    for (const ending of ['.img', '.img.gz', '.IMG']) {
      const found = await readFileIfThere(path.slice(0, -4) + ending);
      if (found) return found;
    }
    return undefined;
  }
  if (!/\.(nhdr|nrrd)$/i.test(path)) return undefined;
  const dataFile = detachedDataFile(bytes, name);
  if (dataFile === undefined || basename(dataFile) !== dataFile) return undefined; // never a file elsewhere: the header is not trusted
  return readFileIfThere(join(dirname(path), dataFile));
}

/** NIfTI and NRRD files of a folder in name order, or the one file; none where it must be DICOM. @throws AppError `storage/duplicate-scan`, `storage/not-found` */
async function listFiles(path: string): Promise<readonly ScanFile[]> {
  if (filesOfInput(path).length > 1) return [];
  if (!(await isFolder(path))) {
    const file = basename(path);
    const name = scanName(file);
    if (name === undefined && (/\.zip$/i.test(file) || looksLikeDicom(await readFileBytes(path, 'scan')))) return [];
    return [{ name: name ?? file, path }];
  }
  const scans: ScanFile[] = [];
  for (const file of await listFolder(path)) {
    const name = scanName(file);
    if (name === undefined) continue;
    if (scans.some((other) => other.name === name))
      throw new AppError('storage/duplicate-scan', { name, folder: path });
    scans.push({ name, path: join(path, file) });
  }
  return scans.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** NIfTI and NRRD files of a folder and its sub-folders; those of a sub-folder have its name before theirs. */
async function filesBelow(folder: string, without: readonly string[], prefix = ''): Promise<readonly ScanFile[]> {
  if (without.includes(folder)) return [];
  const scans: ScanFile[] = [];
  for (const file of await listFolder(folder)) {
    const path = join(folder, file);
    const name = scanName(file);
    if (name !== undefined) scans.push({ name: `${prefix}${name}`, path });
    else if (!file.startsWith('.') && (await isFolder(path)))
      scans.push(...(await filesBelow(path, without, `${prefix}${file} `)));
  }
  return scans;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') throw new AppError('storage/not-found', { what: 'scan or folder', where: path });
    throw fileFailure(cause, path);
  }
}
