import * as Plot from '@observablehq/plot';
import type { Comparison } from '../../../contract/comparison.ts';
import { drawChart } from './chart.ts';

/** Mean Dice with intervals by arm and number of scans, a row of panels for each budget. SVG. */
export function comparisonPlot({ otherBudgets, ...first }: Comparison): string {
  const rows = [first, ...otherBudgets].flatMap(({ budget, summary }) =>
    Object.entries(summary).flatMap(([arm, counts]) =>
      Object.entries(counts).map(([scans, { mean, low, high }]) => ({
        budget,
        arm: arm.toUpperCase(),
        scans: `${scans} scans`,
        mean,
        low,
        high,
      })),
    ),
  );
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
