import type { ComparisonCell } from '../../contract/comparison.ts';
import { mapNames } from '../numerics/inference/posterior-accumulator.ts';
import { bootstrapMean } from '../numerics/metrics/bootstrap.ts';
import { meanOfDefined } from '../numerics/metrics/moments.ts';
import { derive, rootKey } from '../numerics/tensors/random.ts';

/** Cells of one arm, number of scans and budget: a draw each. */
export interface Draws {
  readonly arm: string;
  readonly scans: string;
  readonly cells: readonly ComparisonCell[];
}

/** Means over draws of everything that cells hold beside Dice, as Markdown: errors and cost, what maps say of wrong voxels, what samples say of volumes. */
export const comparisonFigures = (rows: readonly Draws[]): readonly string[] => [
  ...table('Surfaces, calibration and cost', costHead, rows.map(costRow)),
  ...table('Wrong voxels within 5 mm, by map', mapHead, rows.flatMap(mapRows)),
  ...table('Volumes and scans, by the samples', sampleHead, rows.filter(isSampled).map(sampleRow)),
];

const removed = [0.01, 0.05, 0.1];
const levels = [0.5, 0.8, 0.9];

const costHead = [
  'arm',
  'scans',
  ...['IoU', 'HD95 mm', 'ASSD mm', 'NLL', 'ECE', 'ECE in 2 mm', 'ECE whole', 'ACE', 'ACE in 2 mm', 'ACE whole'],
  ...['steps', 'training, min', 'prediction, s a scan', 'peak MB'],
];
function costRow({ arm, scans, cells }: Draws): readonly string[] {
  const over = (figure: (cell: ComparisonCell) => number | null, digits: number) => shown(cells.map(figure), digits);
  const ofStructures = (name: 'iou' | 'hd95Mm' | 'assdMm', digits: number) =>
    over(({ summary }) => meanOfDefined(summary.structures.map((one) => one[name])), digits);
  return [
    arm,
    scans,
    ofStructures('iou', 4),
    ofStructures('hd95Mm', 2),
    ofStructures('assdMm', 3),
    over(({ summary }) => summary.nll, 3),
    over(({ summary }) => summary.ece, 4),
    over(({ summary }) => summary.band.ece, 4),
    over(({ summary }) => summary.whole.ece, 4),
    over(({ summary }) => summary.ace, 4),
    over(({ summary }) => summary.band.ace, 4),
    over(({ summary }) => summary.whole.ace, 4),
    over(({ training }) => training.steps, 0),
    over(({ training }) => training.elapsedMs / 60_000, 1),
    over(({ predictionMs, cases }) => predictionMs / 1000 / cases.length, 2),
    over(({ peakMemoryBytes }) => peakMemoryBytes / 1e6, 0),
  ];
}

const mapHead = [
  ...['arm', 'scans', 'map', 'AUROC', 'AUPRC'],
  ...removed.map((share) => `error kept, ${100 * share} % removed`),
];
/** One network has one map: its doubt. */
function mapRows(draws: Draws): readonly (readonly string[])[] {
  const { arm, scans, cells } = draws;
  const maps = isSampled(draws) ? mapNames : (['predictiveEntropy'] as const);
  return maps.map((map) => {
    const over = (figure: (cell: ComparisonCell) => number | null | undefined) => shown(cells.map(figure), 3);
    return [
      arm,
      scans,
      words[map],
      over(({ summary }) => summary.auroc[map]),
      over(({ summary }) => summary.auprc?.[map]),
      ...removed.map((share) =>
        over(({ summary }) => summary.errorKept?.find((one) => one.removed === share)?.kept[map]),
      ),
    ];
  });
}

const words: Readonly<Record<(typeof mapNames)[number], string>> = {
  predictiveEntropy: 'predictive entropy',
  expectedEntropy: 'expected entropy',
  mutualInformation: 'mutual information',
  variance: 'variance',
};

const sampleHead = [
  ...['arm', 'scans'],
  ...levels.map((level) => `${100 * level} % interval holds`),
  'calibrated interval holds',
  ...['rho of Dice between samples', 'rho of volume variation', 'volume error ml'],
];
const isSampled = ({ cells }: Draws): boolean => cells.some(({ summary }) => summary.intervalCoverage !== null);
function sampleRow({ arm, scans, cells }: Draws): readonly string[] {
  const over = (figure: (cell: ComparisonCell) => number | null | undefined, digits = 3) =>
    shown(cells.map(figure), digits);
  const [half, most] = levels
    .slice(0, -1)
    .map((level) => over(({ summary }) => summary.coverage?.find((one) => Math.abs(one.level - level) < 1e-9)?.share));
  return [
    arm,
    scans,
    half!,
    most!,
    share(cells, 'intervalHoldsTruth'),
    share(cells, 'calibratedHoldsTruth'),
    over(({ summary }) => summary.scoreCorrelation?.sampleDice),
    over(({ summary }) => summary.scoreCorrelation?.volumeCv),
    over(({ summary }) => summary.volumeErrorMl),
  ];
}

/** Share of intervals that hold the truth, with its 95 % bootstrap interval over draws and cases. */
function share(cells: readonly ComparisonCell[], name: 'intervalHoldsTruth' | 'calibratedHoldsTruth'): string {
  const held = cells.flatMap(({ cases }) => {
    const shares = cases.map(({ structures }) => meanOfDefined(structures.map((one) => numberOf(one[name]))));
    return shares.every((one) => one !== null) ? [shares] : []; // a point estimate has no intervals
  });
  if (held.length === 0) return '';
  const { mean, low, high } = bootstrapMean(held, derive(rootKey(0), name));
  return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

const numberOf = (holds: boolean | null | undefined): number | null => (holds == null ? null : Number(holds));

const table = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0
    ? []
    : [
        `### ${title}`,
        '',
        `| ${head.join(' | ')} |`,
        `|${'---|'.repeat(head.length)}`,
        ...rows.map((row) => `| ${row.join(' | ')} |`),
        '',
      ];

const shown = (figures: readonly (number | null | undefined)[], digits: number): string =>
  meanOfDefined(figures.map((figure) => figure ?? null))?.toFixed(digits) ?? '';
