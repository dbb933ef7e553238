import * as Plot from '@observablehq/plot';
import type { Reproduction } from '../../../contract/reproduction.ts';
import { drawChart } from './chart.ts';

/** Okabe and Ito's colours, told apart by readers with any colour vision. */
const colours = ['#56B4E9', '#E69F00', '#009E73', '#F0E442', '#CC79A7', '#D55E00', '#0072B2'] as const;

interface Point {
  readonly method: string;
  readonly count: number;
  readonly value: number;
  readonly deviation: number;
}

/** The main measure by method over what is counted: ours as lines with deviations over seeds, the published figures as rings. SVG. */
export function reproductionPlot({ experiment, measure, counts, summary, published }: Reproduction): string {
  const ours = Object.entries(summary).flatMap(([method, row]) =>
    Object.entries(row).map(
      ([count, { mean, standardDeviation }]): Point => ({
        method,
        count: Number(count),
        value: mean,
        deviation: standardDeviation ?? 0,
      }),
    ),
  );
  const theirs = Object.entries(published[measure] ?? {}).flatMap(([method, row]) =>
    method in summary
      ? Object.entries(row).map(([count, value]): Point => ({ method, count: Number(count), value, deviation: 0 }))
      : [],
  );
  return drawChart({
    title: `${experiment}: ${measure} by ${counts}`,
    width: 720,
    height: 420,
    marginLeft: 60,
    style: { background: '#0f1115' },
    color: { domain: Object.keys(summary), range: colours.slice(0, Object.keys(summary).length) },
    x: { label: counts, grid: true, ticks: [...new Set(ours.map(({ count }) => count))], tickFormat: 'd' },
    y: { label: measure, grid: true, zero: false },
    marks: [
      Plot.ruleX(ours, {
        x: 'count',
        y1: ({ value, deviation }: Point) => value - deviation,
        y2: ({ value, deviation }: Point) => value + deviation,
        stroke: 'method',
      }),
      Plot.lineY(ours, { x: 'count', y: 'value', stroke: 'method', strokeWidth: 2 }),
      Plot.dot(ours, { x: 'count', y: 'value', fill: 'method', r: 3 }),
      Plot.dot(theirs, { x: 'count', y: 'value', stroke: 'method', r: 5 }),
      Plot.text(labelsOf(ours, theirs), {
        x: 'count',
        y: 'value',
        text: 'method',
        fill: 'method',
        dx: 8,
        textAnchor: 'start',
      }),
    ],
    marginRight: 80,
  });
}

/** Height of a line of text, as a share of the plot's. */
const line = 0.045;

/** Where each method's line ends, moved up where two names would lie on each other. */
function labelsOf(ours: readonly Point[], theirs: readonly Point[]): Point[] {
  const values = [...ours, ...theirs].map(({ value }) => value);
  const gap = line * (Math.max(...values) - Math.min(...values));
  const ends = ours.filter(
    (point) => !ours.some((other) => other.method === point.method && other.count > point.count),
  );
  let below = Number.NEGATIVE_INFINITY;
  return [...ends]
    .sort((a, b) => a.value - b.value)
    .map((point) => {
      below = Math.max(point.value, below + gap);
      return { ...point, value: below };
    });
}
