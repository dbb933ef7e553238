import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors/app-error.ts';
import type { LabelledCase, LabelledDataset, LabelledSource, ScanFile } from '../jobs/ports.ts';
import { exists } from './files/drafts.ts';
import { readFileBytes } from './files/read-file.ts';
import { parseObject } from './records/versioned-record.ts';

type ListScans = (path: string) => Promise<readonly ScanFile[]>;

/** dataset.json of nnU-Net version 2, and the older form with `modality`. Labels are numbers by name, or names by number. */
const datasetSchema = z.object({
  channel_names: z.record(z.string(), z.string()).optional(),
  modality: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
});
const datasetFile = 'dataset.json';
const channelSuffix = /_(\d{4})$/;

/**
 * Two folders with matching names, or an nnU-Net raw data set: a folder with `imagesTr`, `labelsTr` and `dataset.json`.
 * Images named NAME_0000, NAME_0001, ... are the channels of the case NAME where the label image is NAME.
 * @throws AppError `storage/label-missing`, `storage/labels-are-images`, `storage/channel-missing`, `storage/channel-count-differs`
 */
export async function readDataset(
  { images, labels }: LabelledSource,
  listScans: ListScans,
  unlabelled: 'refused' | 'kept',
): Promise<LabelledDataset> {
  const isRawDataset = await exists(join(images, 'imagesTr'));
  const folders = isRawDataset
    ? { images: join(images, 'imagesTr'), labels: join(images, 'labelsTr') }
    : { images, labels };
  if (resolve(folders.images) === resolve(folders.labels))
    throw new AppError('storage/labels-are-images', { folder: images });
  const described = isRawDataset ? await readDescription(join(images, datasetFile)) : { channels: [], labelNames: {} };
  const labelFiles = new Map((await listScans(folders.labels)).map(({ name, path }) => [name, path]));
  const grouped = groupByCase(await listScans(folders.images), labelFiles);
  const all = [...grouped].map(([name, channels]) => imagesOf(name, channels));
  const cases = all.flatMap((one): LabelledCase[] => {
    const labelPath = labelFiles.get(one.name);
    if (labelPath !== undefined) return [{ ...one, labelPath }];
    if (unlabelled === 'kept') return [];
    throw new AppError('storage/label-missing', { name: one.name, folder: folders.labels });
  });
  const [first] = cases;
  for (const one of cases) {
    if (one.imagePaths.length === first!.imagePaths.length) continue; // listScans found at least one
    throw new AppError('storage/channel-count-differs', {
      first: first!.name,
      firstCount: first!.imagePaths.length,
      second: one.name,
      secondCount: one.imagePaths.length,
    });
  }
  const others = all.filter(({ name }) => !labelFiles.has(name));
  const tested = join(images, 'imagesTs');
  if (unlabelled === 'kept' && isRawDataset && (await exists(tested)))
    others.push(...[...groupByCase(await listScans(tested), new Map())].map(([name, files]) => imagesOf(name, files)));
  return { cases, ...described, unlabelled: others };
}

/** Where some inputs keep images and their labels, for `readDataset`. */
export async function labelledFolders(inputs: readonly string[]): Promise<readonly LabelledSource[]> {
  const beside = inputs.flatMap((images): LabelledSource[] => {
    const labels = join(dirname(images), 'labels');
    return basename(images) === 'images' && inputs.includes(labels) ? [{ images, labels }] : [];
  });
  const below = await Promise.all(inputs.map((input) => sourcesBelow(input)));
  return [...beside, ...below.flat()];
}

async function sourcesBelow(folder: string): Promise<readonly LabelledSource[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // a file, or several named as one input
  const names = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  if (names.has('imagesTr') && names.has('labelsTr')) return [{ images: folder, labels: folder }];
  if (names.has('images') && names.has('labels'))
    return [{ images: join(folder, 'images'), labels: join(folder, 'labels') }];
  const below = await Promise.all([...names].map((name) => sourcesBelow(join(folder, name))));
  return below.flat();
}

/** Files of each case by channel number. */
function groupByCase(
  files: readonly ScanFile[],
  labels: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const cases = new Map<string, Map<number, string>>();
  for (const { name, path } of files) {
    const suffix = labels.has(name) ? null : channelSuffix.exec(name);
    const own = suffix ? name.slice(0, suffix.index) : name;
    const channels = cases.get(own) ?? new Map<number, string>();
    channels.set(suffix ? Number(suffix[1]) : 0, path);
    cases.set(own, channels);
  }
  return cases;
}

function imagesOf(name: string, channels: ReadonlyMap<number, string>): Omit<LabelledCase, 'labelPath'> {
  const imagePaths = Array.from({ length: Math.max(...channels.keys()) + 1 }, (_, number) => {
    const path = channels.get(number);
    if (path === undefined)
      throw new AppError('storage/channel-missing', { name, channel: String(number).padStart(4, '0') });
    return path;
  });
  return { name, imagePaths };
}

async function readDescription(
  path: string,
): Promise<{ readonly channels: readonly string[]; readonly labelNames: Readonly<Record<number, string>> }> {
  const parsed = datasetSchema.safeParse(parseObject(await readFileBytes(path, 'nnU-Net data set description'), path));
  if (!parsed.success) throw new AppError('storage/corrupted', { file: path, reason: parsed.error.issues[0]!.message }); // a failed parse has one
  const { channel_names, modality, labels = {} } = parsed.data;
  const named = Object.entries(labels).map(([key, value]): [number, string] =>
    typeof value === 'number' ? [value, key] : [Number(key), value],
  );
  const channels = Object.entries(channel_names ?? modality ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  return {
    channels: channels.map(([, name]) => name),
    labelNames: Object.fromEntries(named.filter(([label]) => label > 0)),
  };
}
