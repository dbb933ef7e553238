import type { JobRequest } from '../../contract/jobs.ts';
import type { CollectResult } from './collect.ts';
import { readLabels } from './labelled-cases.ts';
import type { JobContext, Ports } from './ports.ts';
import { readChannels } from './read-channels.ts';

/**
 * Puts images of one patient together as one scan of the library; the single ones stay.
 * @throws AppError `geometry/channels` where they lie on different grids, and those of reading scans
 */
export async function combine(
  ports: Ports,
  context: JobContext,
  { name, channels, labels: labelPath, structures }: JobRequest<'combine'>,
): Promise<CollectResult> {
  context.report({ phase: 'reading scans', done: 0, total: channels.length, unit: 'scans' });
  await context.breathe('reading scans');
  const paths = channels.map(({ image }) => image);
  const volume = await readChannels(ports.scans.readVolume, paths, name);
  const labels = labelPath === undefined ? undefined : await readLabels(ports, { name, labelPath }, volume);
  const names = channels.map((channel) => channel.name);
  const { id, isNew } = await ports.library.add({ name, volume, labels, structures, channels: names });
  return { scans: [id], added: isNew ? 1 : 0, gotLabels: 0, problems: [] };
}
