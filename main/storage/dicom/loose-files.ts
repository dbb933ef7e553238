import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { looksLikeDicom } from '../../imaging/dicom/parse-file.ts';
import { readHead } from './dicom-sources.ts';

/** No path holds it. */
const separator = '\0';

/** The files of an input: one path, or the files that `bundleLooseFiles` put together. */
export const filesOfInput = (input: string): readonly string[] => input.split(separator);

/**
 * DICOM files that were chosen one by one: those of one folder become one input, as the folder would be if there were nothing else in it. Other
 * inputs stay as they are.
 * @param isVolume whether a file's name is that of a whole volume
 */
export async function bundleLooseFiles(
  inputs: readonly string[],
  isVolume: (file: string) => boolean,
): Promise<readonly string[]> {
  const bundles = new Map<string, string[]>();
  for (const input of inputs) {
    const key = (await isLoose(input, isVolume)) ? dirname(input) + separator : input; // the folder itself may be an input too
    bundles.set(key, [...(bundles.get(key) ?? []), input]);
  }
  return [...bundles.values()].map((files) => files.join(separator));
}

async function isLoose(path: string, isVolume: (file: string) => boolean): Promise<boolean> {
  const name = basename(path);
  if (isVolume(name) || /\.zip$/i.test(name) || /^DICOMDIR$/i.test(name)) return false;
  const found = await stat(path).catch(() => undefined); // what is wrong with it is said where it is read
  return found?.isFile() === true && looksLikeDicom(await readHead(path));
}
