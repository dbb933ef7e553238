import { AppError } from '../../contract/errors/app-error.ts';
import type { JobRequest } from '../../contract/jobs.ts';
import { groupNumbered } from './group-channels.ts';
import { readLabels } from './labelled-cases.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports, ScanFile } from './ports.ts';
import { readChannels } from './read-channels.ts';

export interface CollectResult {
  /** Ids in the library, also of scans that were there before. */
  readonly scans: readonly string[];
  readonly added: number;
  /** What could not be read, and why; one bad scan does not keep the others out. */
  readonly problems: readonly { readonly name: string; readonly message: string }[];
}

interface FoundScan {
  readonly name: string;
  /** Its images: NAME_0000, NAME_0001, ... are one scan. */
  readonly files: readonly ScanFile[];
  readonly labelled?: { readonly case: LabelledCase; readonly dataset: LabelledDataset };
}

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
  const addDataset = async (source: Parameters<typeof ports.scans.readDataset>[0]) => {
    const dataset = await ports.scans.readDataset(source);
    for (const one of dataset.cases)
      found.push({
        name: one.name,
        files: one.imagePaths.map((path) => ({ name: one.name, path })),
        labelled: { case: one, dataset },
      });
  };
  if (labelFolder !== undefined) await addDataset({ images: inputs[0]!, labels: labelFolder });
  const files: ScanFile[] = [];
  for (const input of await ports.scans.bundle(labelFolder === undefined ? inputs : inputs.slice(1))) {
    const name = input.split(/[\\/]/).at(-1) ?? input;
    const labelled = await ports.scans.labelledFolders(input);
    if (labelled) {
      await attempt(name, () => addDataset(labelled));
      continue;
    }
    files.push(...((await attempt(name, () => ports.scans.viewable.listScans(input))) ?? []));
  }
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
  let added = 0;
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
    });
  }
  context.report({ phase: 'reading scans', done: found.length, total: found.length, unit: 'scans' });
  return { scans, added, problems };
}
