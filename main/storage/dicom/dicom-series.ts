import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../../../contract/errors/app-error.ts';
import { groupSeries, type SeriesPart } from '../../imaging/dicom/group-series.ts';
import { referenceOfPart } from '../../imaging/dicom/reference-of-part.ts';
import type { Volume } from '../../imaging/volume.ts';
import type { DicomFiles, DicomScan, JobContext, ScanFile } from '../../jobs/ports.ts';
import { listFolder } from '../files/list-folder.ts';
import { filesOfInput } from './loose-files.ts';

/** A volume of a DICOM series as a scan's path: `FOLDER#series=UID&part=N`. */
const pattern = /^(.*)#series=([\d.]*)&part=(\d+)$/s;

interface Read {
  readonly scan: DicomScan;
  readonly parts: readonly SeriesPart[];
}

/** Volumes alone, or pictures in colour too. */
export type Wanted = 'volumes' | 'viewable';

/** Volumes of DICOM series as scans beside files. Headers are read once for each folder. */
export function openDicomSeries(dicom: DicomFiles) {
  const known = new Map<string, Promise<Read>>();
  const headersOf = (path: string): Promise<Read> => {
    const reading =
      known.get(path) ??
      dicom.scan(filesOfInput(path), unattended).then((scan) => ({ scan, parts: groupSeries(scan.headers) }));
    known.set(path, reading);
    return reading;
  };
  return {
    isSeries: (path: string): boolean => pattern.test(path),
    /** Volumes below a folder, a zip or a file. Where each of several sub-folders or zips holds one case, each is named by it. */
    async list(path: string, which: Wanted): Promise<readonly ScanFile[]> {
      const inner = await innerCases(path);
      const isCase = inner.length > 0;
      const lists: (readonly ScanFile[])[] = [];
      for (const one of isCase ? inner : [path]) lists.push(scansOf(one, await headersOf(one), { isCase, which }));
      return lists.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async read(path: string, which: Wanted): Promise<Volume> {
      const [, folder = '', series = '', part = ''] = pattern.exec(path) ?? [];
      const { scan, parts } = await headersOf(folder);
      const found = parts.find((one) => one.header.seriesInstanceUid === series && one.part === Number(part));
      if (!found) throw new AppError('dicom/no-such-series', { series, known: 'other ones' });
      if (found.pictures && found.refusal && which === 'volumes') throw found.refusal;
      const volume = await dicom.readPart(scan, found);
      return found.plan ? { ...volume, dicom: referenceOfPart(found, scan.headers) } : volume;
    },
  };
}

/** Reading headers is part of a longer job, which reports for itself. */
const unattended: JobContext = { signal: new AbortController().signal, report() {}, async breathe() {} };

/** Folders and zips directly below a folder that holds nothing else. */
async function innerCases(path: string): Promise<readonly string[]> {
  if (filesOfInput(path).length > 1 || !(await stat(path)).isDirectory()) return [];
  const inner = (await listFolder(path)).map((name) => join(path, name));
  for (const one of inner) if (!/\.zip$/i.test(one) && !(await stat(one)).isDirectory()) return [];
  return inner;
}

/** Volumes of one case, or its segmentation objects where it has no images. Why there is neither is the first refusal. */
function scansOf(
  path: string,
  { scan, parts }: Read,
  { isCase, which }: { readonly isCase: boolean; readonly which: Wanted },
): readonly ScanFile[] {
  const images = parts.filter(({ plan, pictures }) => plan ?? (which === 'viewable' ? pictures : undefined));
  const objects = parts.filter(({ segmentation }) => segmentation !== undefined);
  const chosen = images.length > 0 ? images : objects;
  const [refused] = parts.flatMap(({ refusal }) => (refusal ? [refusal] : []));
  if (chosen.length === 0 && refused) throw refused;
  return chosen.map((one) => ({
    name: nameOf(path, one, { scan, isOnly: chosen.length === 1, isCase }),
    path: `${path}#series=${one.header.seriesInstanceUid}&part=${one.part}`,
  }));
}

/** A folder's only volume has its name, others the series' number too. A segmentation has its file's name, or that of its case's folder. */
function nameOf(
  path: string,
  { header, part, parts, segmentation }: SeriesPart,
  { scan, isOnly, isCase }: { readonly scan: DicomScan; readonly isOnly: boolean; readonly isCase: boolean },
): string {
  const bare = (file: string) => basename(file).replace(/\.(zip|dcm|ima)$/i, '');
  if (segmentation && !(isCase && isOnly)) {
    const { path: file, entry } = scan.sources[segmentation.file]!;
    return bare(entry ?? file);
  }
  const series = `series-${header.series.number ?? header.seriesInstanceUid}`;
  if (filesOfInput(path).length > 1) return [series, ...(parts > 1 ? [`part-${part}`] : [])].join('_'); // chosen file by file
  if (isOnly) return bare(path);
  return [bare(path), series, ...(parts > 1 ? [`part-${part}`] : [])].join('_');
}
