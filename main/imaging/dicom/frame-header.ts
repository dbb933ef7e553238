import type { Attributes } from './attributes.ts';
import { cross, type FramePlace, placeOf, plus, scaled } from './geometry-attributes.ts';
import { mosaicOf } from './mosaic.ts';
import type { PixelFormat } from './pixel-format.ts';
import { type Rescale, rescaleOf } from './rescale.ts';

/** What one slice is: a frame, or a tile of a mosaic. */
export interface SliceHeader {
  /** Frame of the file, from 0. */
  readonly frame: number;
  /** First column and row of the slice in its frame, and its size; the whole frame but for mosaics. */
  readonly tile: { readonly column: number; readonly row: number; readonly columns: number; readonly rows: number };
  readonly place: FramePlace | undefined;
  readonly rescale: Rescale;
  /** What tells volumes of one series apart: echo, b-value, time, stack, kind of frame. */
  readonly kind: readonly string[];
}

/** Every slice of a file, in stored order. */
export function sliceHeaders(attributes: Attributes, format: PixelFormat): readonly SliceHeader[] {
  const shared = attributes.item('x52009229');
  const perFrame = attributes.items('x52009230');
  const whole = { column: 0, row: 0, columns: format.columns, rows: format.rows };
  if (shared || perFrame.length > 0)
    return Array.from({ length: format.frames }, (_, frame) => {
      const groups = [perFrame[frame], shared].filter((one) => one !== undefined);
      return { frame, tile: whole, ...enhancedFrame(attributes, groups) };
    });
  const rescale = rescaleOf([attributes]);
  const kind = classicKind(attributes);
  const mosaic = mosaicOf(attributes, format);
  if (mosaic) return mosaic.map(({ tile, place }) => ({ frame: 0, tile, place, rescale, kind }));
  const places = format.frames === 1 ? [placeOf([attributes])] : stackedPlaces(attributes, format.frames);
  return Array.from({ length: format.frames }, (_, frame) => ({
    frame,
    tile: whole,
    place: places[frame],
    rescale,
    kind,
  }));
}

/** Attributes of functional groups (PS3.3 C.7.6.16): each lies in a sequence of one item, for this frame or for all. */
function enhancedFrame(
  attributes: Attributes,
  groups: readonly Attributes[],
): Pick<SliceHeader, 'place' | 'rescale' | 'kind'> {
  const inside = (sequence: string): readonly Attributes[] =>
    groups.map((group) => group.item(sequence)).filter((one) => one !== undefined);
  const content = inside('x00209111');
  const code = (sources: readonly Attributes[], tag: string) =>
    sources.map((one) => one.code(tag)).find((x) => x !== undefined) ?? '';
  const number = (sources: readonly Attributes[], tag: string) =>
    String(sources.map((one) => one.doubles(tag)[0]).find((x) => x !== undefined) ?? '');
  const diffusion = inside('x00189117');
  const gradient = diffusion.flatMap((one) => one.items('x00189076')).map((one) => one.doubles('x00189089').join());
  return {
    place: placeOf([...inside('x00209113'), ...inside('x00209116'), ...inside('x00289110'), attributes]),
    rescale: rescaleOf([...inside('x00289145'), ...inside('x00409096'), attributes]),
    kind: [
      code(content, 'x00209056'), // stack
      String(content.map((one) => one.long('x00209128')).find((x) => x !== undefined) ?? ''), // temporal position
      number(inside('x00189114'), 'x00189082'), // effective echo time
      number(diffusion, 'x00189087'),
      gradient[0] ?? '',
      code([...inside('x00189226'), ...inside('x00189329')], 'x00089007'),
    ],
  };
}

const classicKind = (attributes: Attributes): readonly string[] => [
  attributes
    .codes('x00080008')
    .slice(2)
    .filter((word) => !unstable.test(word))
    .join('\\'), // image type
  attributes.code('x00180081') ?? '', // echo time
  attributes.code('x00180086') ?? '', // echo number
  attributes.code('x00200100') ?? '', // temporal position
  String(attributes.doubles('x00189087')[0] ?? ''), // b-value
];

/** Words of Image Type that vary within one volume. */
const unstable = /^(NORM|DIS2D|DIS3D|ND|SH|FIL)$/;

/** Multi-frame files without functional groups: RT dose by its offsets, nuclear medicine by its spacing. */
function stackedPlaces(attributes: Attributes, frames: number): readonly (FramePlace | undefined)[] {
  const detector = attributes.item('x00540022');
  const first = placeOf([attributes, ...(detector ? [detector] : [])]);
  if (!first) return [];
  const normal = cross(first.rowDirectionLps, first.columnDirectionLps);
  const offsets = attributes.decimals('x3004000c');
  const step = attributes.decimal('x00180088');
  if (offsets.length !== frames && step === undefined) return [];
  return Array.from({ length: frames }, (_, n) => {
    const offset = offsets.length === frames ? offsets[n]! - offsets[0]! : n * step!;
    return { ...first, positionLps: plus(first.positionLps, scaled(normal, offset)) };
  });
}
