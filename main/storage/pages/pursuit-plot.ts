import * as Plot from '@observablehq/plot';
import type { Reproduction, ReproductionRun } from '../../../contract/reproduction.ts';
import { mixtureFromPlain, plainMixtureSchema, pursuitRowSchema } from '../../jobs/reproduce/plain-mixture.ts';
import { type AdditiveMixture, openMixture } from '../../numerics/posteriors/additive-mixture.ts';
import { componentCovariance } from '../../numerics/posteriors/component-covariance.ts';
import { meanOf } from '../../numerics/posteriors/gaussian-component.ts';
import { drawChart } from './chart.ts';

const colours = ['#56B4E9', '#E69F00'] as const;
const side = 340;
const [low, high] = [-5.5, 5.5];

/**
 * For each method of the first seed the target's density with the mixture of two components and with the last one over it (ellipses at two
 * deviations, as wide as their weight), then KL by number of components over all seeds. SVG.
 */
export function pursuitPlot({ experiment, runs, summary }: Reproduction): string {
  const first = runs.filter(({ seed }) => seed === runs[0]?.seed);
  const panels = first.flatMap((run) => {
    const rows = run.rows.map((row) => pursuitRowSchema.parse(row));
    const shown = [rows.find(({ components }) => components === 2), rows.at(-1)];
    return shown.flatMap((row, n) =>
      row && (n === 0 || row.components > 2) ? [mixturePanel(run, mixtureFromPlain(row.mixture), row.components)] : [],
    );
  });
  const all = [...panels, divergencePanel(summary)];
  const columns = 2;
  const places = all.map((svg, n) => {
    const [x, y] = [(n % columns) * side, Math.floor(n / columns) * side];
    return `<g transform="translate(${x} ${y})">${svg}</g>`;
  });
  const height = Math.ceil(all.length / columns) * side;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${experiment}: target, components and KL" width="${columns * side}" height="${height}" style="background:#0f1115;font-family:system-ui,sans-serif">${places.join('')}</svg>`;
}

function mixturePanel({ method, settings }: ReproductionRun, mixture: AdditiveMixture, count: number): string {
  const target = openMixture(mixtureFromPlain(plainMixtureSchema.parse(settings['target'])));
  const rings = mixture.components.map((component, k) => ({
    points: ellipse(meanOf(component), componentCovariance(component)),
    weight: Math.exp(mixture.logWeights[k]!),
  }));
  const title = `${method}, ${count} components`;
  return drawChart({
    title,
    width: side,
    height: side,
    marginTop: 28,
    x: { domain: [low, high], label: null },
    y: { domain: [low, high], label: null },
    color: { type: 'linear', range: ['#0f1115', '#7d8a99'] },
    marks: [
      Plot.contour({
        x1: low,
        x2: high,
        y1: low,
        y2: high,
        fill: (x: number, y: number) => Math.exp(target.logDensity(Float64Array.of(x, y))),
        thresholds: 9,
        pixelSize: 4,
      }),
      ...rings.map(({ points, weight }) =>
        Plot.line(points, {
          x: (point: readonly number[]) => point[0],
          y: (point: readonly number[]) => point[1],
          stroke: colours[1],
          strokeWidth: 0.8 + 4 * weight,
        }),
      ),
      Plot.text([title], { frameAnchor: 'top', dy: -18, text: (text: string) => text, fill: '#dee2e8' }),
    ],
  });
}

/** Points at two deviations from the mean. */
function ellipse(
  mean: Float64Array,
  [a, b, , d]: ArrayLike<number> & Iterable<number>,
): readonly (readonly number[])[] {
  const factor = [Math.sqrt(a!), b! / Math.sqrt(a!), Math.sqrt(Math.max(0, d! - b! ** 2 / a!))] as const; // of Cholesky
  return Array.from({ length: 61 }, (_, n) => {
    const [x, y] = [2 * Math.cos((n * Math.PI) / 30), 2 * Math.sin((n * Math.PI) / 30)];
    return [mean[0]! + factor[0] * x, mean[1]! + factor[1] * x + factor[2] * y];
  });
}

function divergencePanel(summary: Reproduction['summary']): string {
  const points = Object.entries(summary).flatMap(([method, row]) =>
    Object.entries(row).map(([count, { mean, standardDeviation }]) => ({
      method,
      count: Number(count),
      mean,
      low: Math.max(1e-4, mean - (standardDeviation ?? 0)),
      high: mean + (standardDeviation ?? 0),
    })),
  );
  return drawChart({
    title: 'KL to the target by number of components',
    width: side,
    height: side,
    marginTop: 28,
    marginLeft: 50,
    x: { label: 'components', ticks: [...new Set(points.map(({ count }) => count))], tickFormat: 'd' },
    y: { label: 'KL, nats', type: 'log', grid: true, tickFormat: '.1~g' },
    color: { domain: Object.keys(summary), range: [...colours], legend: false },
    marks: [
      Plot.ruleX(points, { x: 'count', y1: 'low', y2: 'high', stroke: 'method' }),
      Plot.lineY(points, { x: 'count', y: 'mean', stroke: 'method', strokeWidth: 2 }),
      Plot.dot(points, { x: 'count', y: 'mean', fill: 'method', r: 3 }),
      Plot.text(
        points.filter(({ method, count }) => !points.some((other) => other.method === method && other.count > count)),
        { x: 'count', y: 'mean', text: 'method', fill: 'method', dy: -18, textAnchor: 'end' },
      ),
    ],
  });
}
