import type { UnetArchitecture, UnetLayer } from '../models/unet-layers.ts';
import { sliceRanges } from '../models/unet-weights.ts';

/** Groups of consecutive layers whose slices share one VAE (methods 1.2). */
export const groupCount = 7;

/** Columns [from, to) of `kernels` that belong to group 1 to 7. */
export interface GroupRange {
  readonly group: number;
  readonly from: number;
  readonly to: number;
}

/** The seven groups of a network; each is one run of columns, since layers are in the network's order. */
export function groupRanges(net: UnetArchitecture): readonly GroupRange[] {
  const ranges: GroupRange[] = [];
  for (const { layer, from, to } of sliceRanges(net)) {
    const group = groupOf(layer);
    const last = ranges.at(-1);
    if (last?.group === group) ranges.splice(-1, 1, { group, from: last.from, to });
    else ranges.push({ group, from, to });
  }
  return ranges;
}

/** (1) input, d1.c1; (2) d1.c2, d2, d3.c1; (3) d3.c2, d4, d5.c1; (4) d5.c2 and all later down convolutions; (5) to (7) up1 to up3. */
export function groupOf({ name }: Pick<UnetLayer, 'name'>): number {
  if (name === 'input') return 1;
  const [, path, block, conv] = /^(down|up)-(\d+)\/conv-([12])$/.exec(name) ?? [];
  if (path === undefined) throw new RangeError(`${name} is no 3^3 layer`);
  if (path === 'up') return 4 + Number(block);
  const place = 2 * Number(block) + Number(conv); // d1.c1 is 3, d1.c2 is 4, ...
  if (place <= 3) return 1;
  if (place <= 7) return 2;
  return place <= 11 ? 3 : 4;
}
