import * as Plot from '@observablehq/plot';
import type { Comparison, ComparisonTable } from '../../../contract/comparison.ts';
import { drawChart } from './chart.ts';

const rowsOf = ({ budget, summary }: ComparisonTable) =>
  Object.entries(summary).flatMap(([arm, counts]) =>
    Object.entries(counts).map(([scans, { mean, low, high }]) => ({
      budget,
      arm: arm.toUpperCase(),
      scans: `${scans} scans`,
      mean,
      low,
      high,
    })),
  );

/** Mean Dice with intervals by arm and number of scans, a row of panels for each budget. SVG. */
export function comparisonPlot({ otherBudgets, ...first }: Comparison): string {
  const rows = [first, ...otherBudgets].flatMap(rowsOf);
  return drawChart({
    title: 'Mean Dice by arm, with 95 % intervals',
    width: 720,
    height:
      90 +
      34 * new Set(rows.map(({ arm }) => arm)).size * new Set(rows.map(({ budget, scans }) => budget + scans)).size,
    marginLeft: 80,
    marginRight: 150,
    style: { background: '#0f1115' },
    x: { label: 'mean Dice', grid: true, zero: false },
    y: { label: null },
    fy: { label: null },
    marks: [
      Plot.ruleY(rows, {
        fy: ({ budget, scans }) => `${scans}, ${budget}`,
        y: 'arm',
        x1: 'low',
        x2: 'high',
        stroke: '#56B4E9',
        strokeWidth: 2,
      }),
      Plot.dot(rows, { fy: ({ budget, scans }) => `${scans}, ${budget}`, y: 'arm', x: 'mean', fill: '#E69F00', r: 5 }),
      Plot.text(rows, {
        fy: ({ budget, scans }) => `${scans}, ${budget}`,
        y: 'arm',
        x: 'mean',
        text: ({ mean }) => mean.toFixed(3),
        dy: -10,
        fill: '#dee2e8',
      }),
    ],
  });
}

/** Mean Dice over minutes of training with intervals, a line an arm, a panel a number of scans. SVG; undefined for fewer than two budgets in minutes. */
export function minutesPlot({ otherBudgets, ...first }: Comparison): string | undefined {
  const rows = [first, ...otherBudgets].flatMap(rowsOf).flatMap((row) => {
    const [, minutes] = /^([\d.]+) minutes$/.exec(row.budget) ?? [];
    return minutes === undefined ? [] : [{ ...row, minutes: Number(minutes) }];
  });
  const ticks = [...new Set(rows.map(({ minutes }) => minutes))];
  if (ticks.length < 2) return undefined;
  return drawChart({
    title: 'Mean Dice over minutes of training, with 95 % intervals',
    width: 720,
    height: 80 + 220 * new Set(rows.map(({ scans }) => scans)).size,
    marginLeft: 60,
    marginRight: 90,
    style: { background: '#0f1115' },
    x: { label: 'minutes', type: 'log', ticks, tickFormat: String },
    y: { label: 'mean Dice', grid: true, zero: false },
    fy: { label: null },
    color: { range: ['#56B4E9', '#E69F00', '#009E73', '#CC79A7', '#F0E442', '#D55E00'] },
    marks: [
      Plot.ruleX(rows, { fy: 'scans', x: 'minutes', y1: 'low', y2: 'high', stroke: 'arm', strokeOpacity: 0.5 }),
      Plot.lineY(rows, { fy: 'scans', x: 'minutes', y: 'mean', stroke: 'arm', strokeWidth: 2 }),
      Plot.dot(rows, { fy: 'scans', x: 'minutes', y: 'mean', fill: 'arm', r: 4 }),
      Plot.text(
        rows,
        Plot.selectLast({
          fy: 'scans',
          x: 'minutes',
          y: 'mean',
          z: 'arm',
          text: 'arm',
          fill: 'arm',
          textAnchor: 'start',
          dx: 8,
        }),
      ),
    ],
  });
}
