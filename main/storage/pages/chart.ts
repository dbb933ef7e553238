import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Draws a chart of @observablehq/plot as an SVG element in text, for pages and files; colours suit a dark page. */
export function drawChart(options: Plot.PlotOptions & { readonly title: string }): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const { title, ...plot } = options;
  const svg = Plot.plot({
    ...plot,
    document,
    style: { background: 'transparent', color: '#dee2e8', fontSize: '12px', ...(plot.style as object) },
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  return svg.outerHTML;
}

/** A line over steps: one of the training curves. */
export function drawCurve(
  points: readonly { readonly step: number; readonly value: number }[],
  { title, unit }: { readonly title: string; readonly unit: string },
): string {
  return drawChart({
    title,
    width: 380,
    height: 220,
    marginLeft: 56,
    x: { label: 'step', grid: true },
    y: { label: unit, grid: true, zero: false },
    marks: [
      Plot.lineY(points as { step: number; value: number }[], {
        x: 'step',
        y: 'value',
        stroke: '#56B4E9',
        strokeWidth: 2,
      }),
    ],
  });
}
