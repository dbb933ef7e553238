import type { Volume, Voxels } from '../volume.ts';

/** A volume on its way, slice by slice: so that whoever decodes need not hold all of it, and whoever waits sees that it goes on. */
export type VolumePart =
  | { readonly kind: 'grid'; readonly grid: Omit<Volume, 'voxels'> }
  /** All values of the next slice along k, component by component; later slices may need a wider type than earlier ones. */
  | { readonly kind: 'slice'; readonly values: Voxels }
  /** A slice was decoded whose values come later. */
  | { readonly kind: 'decoded' };

/** A volume that is there already, in parts; they are views of it. */
export function* partsOf({ voxels, ...grid }: Volume): Generator<VolumePart> {
  const pixels = grid.size[0] * grid.size[1];
  yield { kind: 'grid', grid };
  if (grid.components !== 1) throw new RangeError('a volume of several components is made slice by slice');
  for (let k = 0; k < grid.size[2]; k++) yield { kind: 'slice', values: voxels.subarray(k * pixels, (k + 1) * pixels) };
}

/** Puts parts together. Whole numbers widen where a later slice needs it. */
export class VolumeGatherer {
  #grid: Omit<Volume, 'voxels'> | undefined;
  #voxels: Voxels | undefined;
  #slices = 0;

  /** @throws RangeError where a part does not fit */
  take(part: VolumePart): void {
    if (part.kind === 'grid') this.#grid = part.grid;
    if (part.kind === 'slice') this.#place(part.values);
  }

  /** @throws RangeError where slices are missing */
  volume(): Volume {
    if (!this.#grid || !this.#voxels || this.#slices !== this.#grid.size[2])
      throw new RangeError(`${this.#slices} slices are no volume`);
    return { ...this.#grid, voxels: this.#voxels };
  }

  #place(values: Voxels): void {
    if (!this.#grid) throw new RangeError('a slice came before its grid');
    const { size, components } = this.#grid;
    const pixels = size[0] * size[1];
    if (values.length !== pixels * components || this.#slices >= size[2])
      throw new RangeError(`a slice of ${values.length} values does not fit`);
    const type = values.constructor as TypedArray;
    this.#voxels ??= new type(pixels * size[2] * components);
    if (width(values) > width(this.#voxels)) this.#voxels = type.from(this.#voxels);
    for (let component = 0; component < components; component++)
      this.#voxels.set(
        values.subarray(component * pixels, (component + 1) * pixels),
        (component * size[2] + this.#slices) * pixels,
      );
    this.#slices++;
  }
}

/** Every Voxels type has these. */
type TypedArray = (new (length: number) => Voxels) & { from(values: Voxels): Voxels };

/** Order in which types hold each other's values: those that `rescaled` gives widen from 16 bits over 32 to real numbers. */
const width = (values: Voxels): number =>
  values.BYTES_PER_ELEMENT + (values instanceof Float32Array || values instanceof Float64Array ? 1 : 0);

export async function gatherVolume(parts: AsyncIterable<VolumePart> | Iterable<VolumePart>): Promise<Volume> {
  const gatherer = new VolumeGatherer();
  for await (const part of parts) gatherer.take(part);
  return gatherer.volume();
}
