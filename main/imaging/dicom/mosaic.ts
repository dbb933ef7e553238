import type { Attributes } from './attributes.ts';
import { csaNumbers } from './csa-header.ts';
import { cross, dot, type FramePlace, placeOf, plus, scaled, vec3 } from './geometry-attributes.ts';
import type { PixelFormat } from './pixel-format.ts';

interface Tile {
  readonly tile: { readonly column: number; readonly row: number; readonly columns: number; readonly rows: number };
  readonly place: FramePlace;
}

/**
 * The slices of a Siemens mosaic: tiles from left to right and top to bottom in one frame, whose Image Position is that of a
 * slice as large as the mosaic around the first tile's centre (Siemens' own convention, as dcm2niix documents it). undefined
 * for any other image.
 */
export function mosaicOf(attributes: Attributes, { rows, columns, frames }: PixelFormat): readonly Tile[] | undefined {
  if (frames !== 1 || !attributes.codes('x00080008').includes('MOSAIC')) return undefined;
  const csa = attributes.bytes('x00291010');
  const count = attributes.short('x0019100a') ?? (csa && csaNumbers(csa, 'NumberOfImagesInMosaic')[0]);
  const spacing = attributes.decimal('x00180088');
  const whole = placeOf([attributes]);
  if (!count || !whole || spacing === undefined) return undefined;
  const across = Math.ceil(Math.sqrt(count));
  const [width, height] = [columns / across, rows / across];
  if (!Number.isInteger(width) || !Number.isInteger(height)) return undefined;
  const { rowDirectionLps: r, columnDirectionLps: c } = whole;
  const normal = normalOf(whole, csa);
  const first = plus(
    whole.positionLps,
    plus(
      scaled(r, ((columns - width) / 2) * whole.columnSpacingMm),
      scaled(c, ((rows - height) / 2) * whole.rowSpacingMm),
    ),
  );
  return Array.from({ length: count }, (_, n) => ({
    tile: { column: (n % across) * width, row: Math.floor(n / across) * height, columns: width, rows: height },
    place: { ...whole, positionLps: plus(first, scaled(normal, n * spacing)) },
  }));
}

/** Direction from one tile to the next: the private header's where there is one, since tiles may run against the right hand. */
function normalOf({ rowDirectionLps, columnDirectionLps }: FramePlace, csa: Uint8Array | undefined) {
  const right = cross(rowDirectionLps, columnDirectionLps);
  const given = csa ? csaNumbers(csa, 'SliceNormalVector') : [];
  return given.length === 3 && dot(vec3(given, 0), right) < 0 ? scaled(right, -1) : right;
}
