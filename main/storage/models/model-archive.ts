import { type UnzipFileInfo, unzipSync, zipSync } from 'fflate';
import { AppError } from '../../../contract/errors/app-error.ts';
import { modelFileNames } from './model-files.ts';
import { type FolderFiles, type ReadFile, sealName } from './sealed-folder.ts';

const names: readonly string[] = [...Object.values(modelFileNames), sealName];
/** More than any network here has; a file that claims more is not unpacked. */
const mostBytes = 2 ** 31;
/** Zip cannot say an earlier one; a fixed time makes equal models equal files. */
const zipEpoch = new Date(1980, 0, 1);

/** One file to carry a model version elsewhere: a zip of its folder. Weights hardly shrink, so they are stored as they are. */
export function packModel(files: FolderFiles): Uint8Array {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return zipSync(
    Object.fromEntries(
      entries.map(([name, bytes]) => [
        name,
        [bytes, { level: name === modelFileNames.weights ? 0 : 6, mtime: zipEpoch }],
      ]),
    ),
  );
}

/** Reads the files of a model from a zip; anything else in it is refused. @throws AppError `storage/corrupted` naming `file` */
export function openModelArchive(bytes: Uint8Array, file: string): ReadFile {
  const refuse = (reason: string, cause?: unknown) => new AppError('storage/corrupted', { file, reason }, { cause });
  let total = 0;
  const filter = ({ name, originalSize }: UnzipFileInfo): boolean => {
    total += originalSize;
    if (!names.includes(name)) throw refuse('it holds files that are not of a model');
    if (total > mostBytes) throw refuse('it claims to hold more than a model can');
    return true;
  };
  let files: FolderFiles;
  try {
    files = unzipSync(bytes, { filter });
  } catch (cause) {
    throw cause instanceof AppError ? cause : refuse('it is no whole .fewscan-model file', cause);
  }
  return (name) => Promise.resolve(Object.hasOwn(files, name) ? files[name] : undefined);
}
