import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { groupNumbered } from './group-channels.ts';
import { readLabels } from './labelled-cases.ts';
import type { JobContext, LabelledCase, LabelledDataset, LabelledSource, Ports, ScanFile } from './ports.ts';
import { readChannels } from './read-channels.ts';

export interface CollectResult {
  /** Ids in the library, also of scans that were there before. */
  readonly scans: readonly string[];
  readonly added: number;
  /** Of those that were there before: scans that had no labels and have some now. */
  readonly gotLabels: number;
  /** What could not be read, and why; one bad scan does not keep the others out. */
  readonly problems: readonly { readonly name: string; readonly message: string }[];
}

interface FoundScan {
  readonly name: string;
  /** Its images: NAME_0000, NAME_0001, ... are one scan. */
  readonly files: readonly ScanFile[];
  readonly labelled?: { readonly case: LabelledCase; readonly dataset: LabelledDataset };
}

const nameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** What the app corrects labels in is a byte a voxel. */
const mostLabel = 255;

/** Reads files, folders and zips into the library, a scan at a time; images with their labels where a folder holds both (`labelledFolders`). */
export async function collect(
  ports: Ports,
  context: JobContext,
  { inputs, labels: labelFolder }: JobRequest<'collect'>,
): Promise<CollectResult> {
  const problems: { name: string; message: string }[] = [];
  const attempt = async <Result>(name: string, work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof AppError) || cause.code === 'job/cancelled') throw cause;
      problems.push({ name, message: cause.message });
      return undefined;
    }
  };
  const found: FoundScan[] = [];
  const filesOf = ({ name, imagePaths }: Omit<LabelledCase, 'labelPath'>): readonly ScanFile[] =>
    imagePaths.map((path) => ({ name, path }));
  const addDataset = async (source: LabelledSource) => {
    const dataset = await ports.scans.readDataset(source, { unlabelled: 'kept' });
    for (const one of dataset.cases)
      found.push({ name: one.name, files: filesOf(one), labelled: { case: one, dataset } });
    for (const one of dataset.unlabelled) found.push({ name: one.name, files: filesOf(one) });
  };
  if (labelFolder !== undefined) await addDataset({ images: inputs[0]!, labels: labelFolder });
  const files: ScanFile[] = [];
  const rest = labelFolder === undefined ? inputs : inputs.slice(1);
  const sources = await ports.scans.labelledFolders(rest);
  for (const source of sources) await attempt(nameOf(source.images), () => addDataset(source));
  const taken = sources.flatMap(({ images, labels }) => [images, labels]);
  for (const input of await ports.scans.bundle(rest.filter((one) => !taken.includes(one))))
    files.push(...((await attempt(nameOf(input), () => ports.scans.viewable.listScans(input, taken))) ?? []));
  found.push(...groupNumbered(files).map(({ name, channels }) => ({ name, files: channels })));
  /** undefined where files are numbered, but are no images of one scan. */
  const together = async ({ files, name, labelled }: FoundScan) => {
    try {
      return await readChannels(
        ports.scans.viewable.readVolume,
        files.map(({ path }) => path),
        name,
      );
    } catch (cause) {
      if (files.length > 1 && !labelled && cause instanceof AppError && cause.code === 'geometry/channels')
        return undefined;
      throw cause;
    }
  };
  const scans: string[] = [];
  let [added, gotLabels] = [0, 0];
  for (const [done, one] of found.entries()) {
    const { name, files, labelled } = one;
    context.report({ phase: 'reading scans', done, total: found.length, unit: 'scans' });
    await context.breathe('reading scans');
    await attempt(name, async () => {
      const volume = await together(one);
      if (!volume) {
        found.push(...files.map((file) => ({ name: file.name, files: [file] }))); // by themselves, at the end
        return;
      }
      const labels = labelled && (await readLabels(ports, labelled.case, volume));
      const structures = [...new Set(labels?.voxels)].filter((label) => label > 0).sort((a, b) => a - b);
      const large = structures.find((label) => label > mostLabel);
      if (large !== undefined) throw new AppError('library/label-value', { name, value: large, most: mostLabel });
      const kept = await ports.library.add({
        name,
        volume,
        labels,
        channels: files.length > 1 ? labelled?.dataset.channels : [],
        structures: structures.map((label) => ({
          label,
          name: labelled?.dataset.labelNames[label] || labels?.structureNames?.[label] || `label ${label}`,
        })),
      });
      scans.push(kept.id);
      if (kept.isNew) added++;
      else if (kept.gotLabels) gotLabels++;
    });
  }
  context.report({ phase: 'reading scans', done: found.length, total: found.length, unit: 'scans' });
  return { scans, added, gotLabels, problems };
}
