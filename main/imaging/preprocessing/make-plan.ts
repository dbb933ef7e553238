import type { PreprocessingPlan } from '../../../contract/model.ts';
import { axes } from '../geometry/affine.ts';
import { fieldOfViewMm, spacingMm } from '../geometry/grids.ts';
import { turnGrid, turnTo } from '../geometry/orientation.ts';
import type { Grid, Vec3, Volume } from '../volume.ts';

/** What the plan needs of a training case: where its channels lie and how many there are. */
export interface PlanCase {
  readonly channels: readonly (Grid & Pick<Volume, 'components'>)[];
}

/** Sides of patches are multiples of this, so that the network can halve them three times. */
const sideMultiple = 8;
const defaultBudgetVoxels = 64 ** 3;

/**
 * The preprocessing plan from the training data's fingerprint: median spacing per axis; a patch that holds the largest
 * training scan, its longest side shortened until the patch fits `budgetVoxels`; the range of the fields of view.
 * @throws RangeError without cases
 */
export function makePlan(cases: readonly PlanCase[], budgetVoxels = defaultBudgetVoxels): PreprocessingPlan {
  if (cases.length === 0) throw new RangeError('makePlan: no cases');
  const grids = cases.map(({ channels }) => turnGrid(channels[0]!, turnTo(channels[0]!.affineRasMm, 'RAS')));
  const perAxis = (figure: (axis: 0 | 1 | 2) => number): [number, number, number] => [figure(0), figure(1), figure(2)];
  const spacings = grids.map(spacingMm);
  const sides = grids.map(fieldOfViewMm);
  const spacing = perAxis((axis) => median(spacings.map((one) => one[axis])));
  const largest = perAxis((axis) => Math.max(...sides.map((side) => side[axis])));
  const components = cases[0]!.channels.reduce((sum, channel) => sum + channel.components, 0);
  return {
    orientation: 'RAS',
    spacingMm: spacing,
    patchSize: patchThatHolds(
      perAxis((axis) => largest[axis] / spacing[axis]),
      budgetVoxels,
    ),
    normalisation: Array.from({ length: components }, () => ({
      kind: 'z-score' as const,
      lowPercentile: 0.5,
      highPercentile: 99.5,
    })),
    fieldOfViewMm: { low: perAxis((axis) => Math.min(...sides.map((side) => side[axis]))), high: largest },
  };
}

function patchThatHolds(voxels: Vec3, budgetVoxels: number): [number, number, number] {
  const up = (axis: 0 | 1 | 2) => sideMultiple * Math.max(1, Math.ceil(voxels[axis] / sideMultiple - 0.01));
  const patch: [number, number, number] = [up(0), up(1), up(2)];
  while (patch[0] * patch[1] * patch[2] > budgetVoxels && Math.max(...patch) > sideMultiple) {
    const longest = axes[patch.indexOf(Math.max(...patch))]!;
    patch[longest] -= sideMultiple;
  }
  return patch;
}

/** Of an even number: the lower middle one, so that it is the spacing of a real scan. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
}
