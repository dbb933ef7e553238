import type { ReproductionRun, ReproductionSummary } from '../../../contract/reproduction.ts';

type Row = ReproductionRun['rows'][number];

/**
 * By method, then by what a row counts, the mean over seeds with its standard deviation. Rows that are not there yet are left out:
 * `seeds` says how many made a mean.
 */
export function summariseRuns(
  runs: readonly ReproductionRun[],
  { count, measure }: { readonly count: string; readonly measure: string },
): ReproductionSummary {
  const summary: Record<string, Record<string, ReproductionSummary[string][string]>> = {};
  for (const method of new Set(runs.map((run) => run.method))) {
    const rows = runs.filter((run) => run.method === method).flatMap((run) => run.rows);
    const counts = [...new Set(rows.map((row) => Number(row[count])))].sort((a, b) => a - b);
    const means = counts.flatMap((value) => {
      const own = valuesOf(rows, { count, value, measure });
      return own.length > 0 ? [[String(value), meanOf(own)] as const] : [];
    });
    if (means.length > 0) summary[method] = Object.fromEntries(means);
  }
  return summary;
}

const valuesOf = (
  rows: readonly Row[],
  { count, value, measure }: { readonly count: string; readonly value: number; readonly measure: string },
): readonly number[] =>
  rows.flatMap((row) => {
    const found = row[measure];
    return row[count] === value && typeof found === 'number' ? [found] : [];
  });

function meanOf(values: readonly number[]): ReproductionSummary[string][string] {
  const seeds = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / seeds;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: seeds > 1 ? Math.sqrt(squares / (seeds - 1)) : null, seeds };
}
