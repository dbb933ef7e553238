import { AppError } from '../../contract/errors/app-error.ts';
import type { PreprocessingPlan } from '../../contract/model.ts';
import { extendLabels } from '../imaging/geometry/extend-labels.ts';
import { applyPlan, applyPlanToLabels } from '../imaging/preprocessing/apply-plan.ts';
import { asLabels, type Labels, refuseDifferentGrids, refuseNonFinite } from '../imaging/preprocessing/checks.ts';
import type { Grid, Volume } from '../imaging/volume.ts';
import type { Sides } from '../numerics/tensors/patches.ts';
import type { JobContext, LabelledCase, LabelledDataset, Ports } from './ports.ts';

/** A case as it was read: channels and labels on one grid. */
export interface RawCase {
  readonly name: string;
  readonly channels: readonly Volume[];
  readonly labels: Labels;
}

/** A case as the network sees it. */
export interface PreparedCase {
  readonly name: string;
  /** [D, H, W, C] */
  readonly image: Float32Array;
  /** Class numbers, [D, H, W]. */
  readonly labels: Uint8Array;
  readonly size: Sides;
  readonly imageSha256: string;
  readonly labelSha256: string;
}

/** Reads one case and refuses what cannot be trained on. */
export async function readCase(
  ports: Pick<Ports, 'scans'>,
  { name, imagePaths, labelPath }: LabelledCase,
): Promise<RawCase> {
  const channels = await Promise.all(imagePaths.map((path) => ports.scans.readVolume(path)));
  const labels = await readLabels(ports, { name, labelPath }, channels[0]!);
  for (const channel of channels) {
    refuseNonFinite(channel, name);
    refuseDifferentGrids(channel, labels, name);
  }
  return { name, channels, labels };
}

/** The labels of a case on the grid of its image. */
export const readLabels = async (
  ports: Pick<Ports, 'scans'>,
  { name, labelPath }: Pick<LabelledCase, 'name' | 'labelPath'>,
  image: Grid,
): Promise<Labels> => labelsOn(image, asLabels(await ports.scans.readVolume(labelPath), name));

/** Labels on the grid of their image: a segmentation object leaves out what is empty. */
export const labelsOn = (grid: Grid, labels: Labels): Labels =>
  (labels.partial ? extendLabels<Labels['voxels']>(labels, grid) : undefined) ?? labels;

export function prepareCase(
  ports: Ports,
  raw: RawCase,
  plan: PreprocessingPlan,
  classOf: ReadonlyMap<number, number>,
): PreparedCase {
  const { tensor, size } = applyPlan(raw.channels, plan);
  const labels = Uint8Array.from(applyPlanToLabels(raw.labels, plan).voxels, (value) => classOf.get(value) ?? 0);
  return {
    name: raw.name,
    image: tensor,
    labels,
    size,
    imageSha256: raw.channels.map((channel) => ports.scans.hashVolume(channel)).join('+'),
    labelSha256: ports.scans.hashVolume(raw.labels),
  };
}

/** Label values above 0 of a case, ascending. */
export const labelValues = ({ labels }: RawCase): readonly number[] =>
  [...new Set(labels.voxels)].filter((value) => value > 0).sort((a, b) => a - b);

/** Names of the images that a case holds, as the data set calls them or by number; a file of four axes holds several. */
export function channelNames(
  { channels: named }: Pick<LabelledDataset, 'channels'>,
  { channels }: RawCase,
): readonly string[] {
  const count = channels.reduce((sum, { components }) => sum + components, 0);
  return Array.from({ length: count }, (_, n) => named[n] ?? (count === 1 ? 'image' : `channel ${n}`));
}

/** The one label set of all cases. @throws AppError where a case has none, or another set */
export function commonLabels(cases: readonly RawCase[]): readonly number[] {
  const [first, ...rest] = cases.map((one) => ({ name: one.name, values: labelValues(one) }));
  for (const { name, values } of [first!, ...rest]) {
    if (values.length === 0) throw new AppError('data/empty-label', { name });
    if (values.join() !== first!.values.join())
      throw new AppError('data/label-sets-differ', {
        first: first!.name,
        firstValues: first!.values.join(', '),
        second: name,
        secondValues: values.join(', '),
      });
  }
  return first!.values;
}

/** Reads cases one by one, with progress. */
export async function readCases(
  ports: Ports,
  context: JobContext,
  cases: readonly LabelledCase[],
): Promise<readonly RawCase[]> {
  const result: RawCase[] = [];
  for (const [done, one] of cases.entries()) {
    context.report({ phase: 'reading scans', done, total: cases.length, unit: 'scans' });
    await context.breathe('reading scans');
    result.push(await readCase(ports, one));
  }
  context.report({ phase: 'reading scans', done: cases.length, total: cases.length, unit: 'scans' });
  return result;
}
