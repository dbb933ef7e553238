import { AppError } from '../../../contract/errors/app-error.ts';
import type { Attributes } from './attributes.ts';

/** Red, green and blue, 0 to 255, of stored values from `first` on; the ends go on. */
export interface Palette {
  readonly first: number;
  readonly colours: readonly [Uint8Array, Uint8Array, Uint8Array];
}

const colours = [
  { name: 'Red', descriptor: 'x00281101', data: 'x00281201', segmented: 'x00281221' },
  { name: 'Green', descriptor: 'x00281102', data: 'x00281202', segmented: 'x00281222' },
  { name: 'Blue', descriptor: 'x00281103', data: 'x00281203', segmented: 'x00281223' },
] as const;

/** The palette of an image (PS3.3 C.7.6.3.1.5 and C.7.9). @throws AppError `dicom/pixel-header` where it is absent or damaged */
export function paletteOf(attributes: Attributes, isSigned: boolean, name: string): Palette {
  const tables = colours.map((colour) => tableOf(attributes, colour, name));
  const first = (isSigned ? attributes.signedShort('x00281101', 1) : attributes.short('x00281101', 1)) ?? 0;
  return { first, colours: tables as unknown as Palette['colours'] }; // one for each of three
}

function tableOf(attributes: Attributes, colour: (typeof colours)[number], name: string): Uint8Array {
  const refuse = (value: string) =>
    new AppError('dicom/pixel-header', { name, attribute: `${colour.name} Palette Color Lookup Table`, value });
  const [claimed, bits] = [attributes.short(colour.descriptor, 0), attributes.short(colour.descriptor, 2)];
  if (claimed === undefined || (bits !== 8 && bits !== 16)) throw refuse('without a descriptor of 8 or 16 bits');
  const count = claimed === 0 ? 65_536 : claimed;
  const words = (attributes.bytes(colour.data)?.length ?? 0) / 2;
  // 8-bit entries lie two in a word, or one in each by some writers
  const isPacked = bits === 8 && words < count;
  const entry = (n: number): number | undefined => {
    if (!isPacked) return attributes.short(colour.data, n);
    const word = attributes.short(colour.data, n >> 1);
    return word === undefined ? undefined : (word >> (8 * (n & 1))) & 255;
  };
  const values =
    attributes.element(colour.segmented) === undefined
      ? Array.from({ length: count }, (_, n) => entry(n))
      : expanded(attributes, colour.segmented, count);
  if (!values || values.length < count || values.some((value) => value === undefined))
    throw refuse(`shorter than its ${count} entries, or damaged`);
  const most = values.reduce((high: number, value) => Math.max(high, value!), 0);
  const shift = bits === 16 && most > 255 ? 8 : 0; // some write 8 bits into 16
  return Uint8Array.from(values.slice(0, count), (value) => value! >> shift);
}

/** Segments of words (PS3.3 C.7.9.2): values one by one, or a straight line to a value. undefined where they are damaged, or copies of earlier ones. */
function expanded(attributes: Attributes, tag: string, count: number): readonly number[] | undefined {
  const values: number[] = [];
  for (let at = 0; values.length < count; ) {
    const [opcode, length] = [attributes.short(tag, at), attributes.short(tag, at + 1)];
    if (opcode === undefined || length === undefined || length === 0) return undefined;
    if (opcode === 0)
      for (let n = 0; n < length; n++) {
        const value = attributes.short(tag, at + 2 + n);
        if (value === undefined) return undefined;
        values.push(value);
      }
    else if (opcode === 1) {
      const [from, to] = [values.at(-1), attributes.short(tag, at + 2)];
      if (from === undefined || to === undefined) return undefined;
      for (let n = 1; n <= length; n++) values.push(Math.round(from + ((to - from) * n) / length));
    } else return undefined;
    at += opcode === 0 ? 2 + length : 3;
  }
  return values;
}
