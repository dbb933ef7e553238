import type { Attributes } from './attributes.ts';

/** Spacing between slices, else their thickness, mm, from the data set or its functional groups: what a single slice stands for. */
export function sliceStepMm(attributes: Attributes): number | undefined {
  const groups = [attributes.item('x52009229'), attributes.item('x52009230')];
  const sources = [attributes, ...groups.map((group) => group?.item('x00289110'))];
  for (const tag of ['x00180088', 'x00180050'])
    for (const source of sources) {
      const given = Math.abs(source?.decimal(tag) ?? 0); // some scanners write a sign
      if (given > 0) return given;
    }
  return undefined;
}
