import type { Attributes } from './attributes.ts';

/** Stored value to real value: slope * stored + intercept, or a table from `first` on, whose ends go on. */
export type Rescale =
  | { readonly slope: number; readonly intercept: number }
  | { readonly first: number; readonly table: readonly number[] };

/**
 * Rescale slope and intercept, else the modality look-up table, else the first linear real-world value mapping, else the values as
 * stored. `sources` are the data set and the items of functional groups, the nearest first.
 */
export function rescaleOf(sources: readonly Attributes[]): Rescale {
  for (const source of sources) {
    const [slope, intercept] = [source.decimal('x00281053'), source.decimal('x00281052')];
    if (slope !== undefined && slope !== 0) return { slope, intercept: intercept ?? 0 };
  }
  for (const source of sources) {
    const table = tableOf(source);
    if (table) return table;
  }
  for (const source of sources) {
    const mapping = source.element('x00409225') ? source : source.item('x00409096');
    const [slope, intercept] = [mapping?.doubles('x00409225')[0], mapping?.doubles('x00409224')[0]];
    if (slope !== undefined && slope !== 0) return { slope, intercept: intercept ?? 0 };
  }
  return { slope: 1, intercept: 0 };
}

/** Modality LUT Sequence (PS3.3 C.11.1): number of entries (0 means 65536), first value mapped, bits. */
function tableOf(source: Attributes): Rescale | undefined {
  const item = source.item('x00283000');
  const entries = item?.short('x00283002', 0);
  const first = item?.signedShort('x00283002', 1);
  if (!item || entries === undefined || first === undefined) return undefined;
  const table = Array.from({ length: entries === 0 ? 65_536 : entries }, (_, n) => item.short('x00283006', n));
  return table.every((value) => value !== undefined) ? { first, table } : undefined;
}
