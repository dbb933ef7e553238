import type { Voxels } from '../volume.ts';
import type { SliceHeader } from './frame-header.ts';
import type { PicturePlan } from './plan-pictures.ts';
import type { VolumePart } from './volume-parts.ts';

/** The parts of a volume of pictures: three components, red, green and blue. `planesOf` gives those of picture `n` along the stack. */
export async function* pictureParts(
  slices: readonly SliceHeader[],
  { affineRasMm, placed }: PicturePlan,
  planesOf: (n: number) => Promise<Voxels>,
): AsyncGenerator<VolumePart> {
  const { columns, rows } = slices[0]!.tile;
  const size = [columns, rows, slices.length] as const;
  yield { kind: 'grid', grid: { size, affineRasMm, components: 3, warnings: [], pictures: { placed } } };
  for (const n of slices.keys()) yield { kind: 'slice', values: await planesOf(n) };
}
