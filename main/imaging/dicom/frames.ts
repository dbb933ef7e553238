import type { Element } from 'dicom-parser';
import { AppError } from '../../../contract/errors/app-error.ts';
import type { ParsedFile } from './parse-file.ts';
import type { PixelFormat } from './pixel-format.ts';
import { encapsulatedUncompressed, transferSyntaxOf } from './transfer-syntaxes.ts';

const pixelTags = ['x7fe00010', 'x7fe00008', 'x7fe00009'] as const;
type Fragment = NonNullable<Element['fragments']>[number];

/** Bytes of frame `n` (from 0) as stored: native pixels, or one compressed image. @throws AppError `dicom/no-pixels`, `dicom/frames` */
export function frameBytes(file: ParsedFile, format: PixelFormat, n: number, name: string): Uint8Array {
  const element = pixelTags.map((tag) => file.attributes.element(tag)).find((one) => one !== undefined);
  if (!element) throw new AppError('dicom/no-pixels', { kind: 'a header alone' });
  if (!isEncapsulated(file, element)) return nativeFrame(file, element, { n, format, name });
  const bytes = encapsulated(file, element, { n, frames: format.frames, name });
  if (file.transferSyntaxUid !== encapsulatedUncompressed) return bytes;
  return nativeFrame({ ...file, bytes }, { ...element, dataOffset: 0, length: bytes.length }, { n: 0, format, name }); // without its padding
}

/** Bits of one native frame. YBR_FULL_422 shares its colours between two pixels. */
export const frameBits = ({ rows, columns, samplesPerPixel, bitsAllocated, photometric }: PixelFormat): number =>
  rows * columns * (photometric === 'YBR_FULL_422' ? 2 : samplesPerPixel) * bitsAllocated;

function nativeFrame(
  { bytes }: ParsedFile,
  element: Element,
  { n, format, name }: { readonly n: number; readonly format: PixelFormat; readonly name: string },
): Uint8Array {
  const bits = frameBits(format);
  const end = Math.ceil((bits * (n + 1)) / 8);
  const there = Math.min(element.length, bytes.length - element.dataOffset);
  if (!(end <= there)) {
    // a damaged element has no length at all
    const found = Number.isFinite(there) ? Math.max(0, Math.floor((there * 8) / bits)) : 0;
    throw new AppError('dicom/frames', { name, found, expected: format.frames });
  }
  if (format.bitsAllocated === 1) return unpackBits(bytes.subarray(element.dataOffset), bits * n, bits);
  return bytes.subarray(element.dataOffset + (bits / 8) * n, element.dataOffset + end);
}

/** Single bits, lowest first (PS3.5 8.1.1), as bytes of 0 and 1; frames follow each other without padding. */
function unpackBits(packed: Uint8Array, first: number, count: number): Uint8Array {
  const result = new Uint8Array(count);
  for (let n = 0; n < count; n++) result[n] = (packed[(first + n) >> 3]! >> ((first + n) & 7)) & 1;
  return result;
}

/** Some writers put compressed pixels into a data set of implicit VR, where the parser takes fragments for any sequence's items. */
const isEncapsulated = ({ transferSyntaxUid }: ParsedFile, element: Element): boolean =>
  element.encapsulatedPixelData === true ||
  (element.items !== undefined && transferSyntaxOf(transferSyntaxUid)?.coding !== 'native');

/** Fragments by their places in the file, offsets from the first one's item; the first item of all is the basic offset table. */
function fragmentsOf({ bytes }: ParsedFile, element: Element): readonly Fragment[] {
  if (element.fragments) return element.fragments;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fragments: Fragment[] = [];
  let first: number | undefined;
  for (let at = element.dataOffset; at + 8 <= bytes.length && view.getUint32(at, true) === itemTag; ) {
    const length = view.getUint32(at + 4, true);
    const position = at + 8;
    if (position + length > bytes.length) return fragments;
    if (at > element.dataOffset) {
      first ??= at;
      fragments.push({ offset: at - first, position, length });
    }
    at = position + length;
  }
  return fragments;
}

/** (FFFE,E000) as a little-endian number of 32 bits. */
const itemTag = 0xe000fffe;

function encapsulated(
  file: ParsedFile,
  element: Element,
  { n, frames, name }: { readonly n: number; readonly frames: number; readonly name: string },
): Uint8Array {
  const fragments = fragmentsOf(file, element);
  const groups = groupsOf(file, element, frames);
  const chosen = groups?.[n];
  if (!chosen || chosen.length === 0)
    throw new AppError('dicom/frames', { name, found: groups?.length ?? fragments.length, expected: frames });
  const parts = chosen.map(({ position, length }) => file.bytes.subarray(position, position + length));
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Fragments by frame: from the extended or the basic offset table, one each, all for one, or by the images' first bytes. */
function groupsOf(file: ParsedFile, element: Element, frames: number): readonly (readonly Fragment[])[] | undefined {
  const fragments = fragmentsOf(file, element);
  if (frames === 1) return [fragments];
  if (fragments.length === frames) return fragments.map((one) => [one]);
  const offsets = extendedOffsets(file) ?? element.basicOffsetTable ?? [];
  const starts = new Set(
    offsets.length === frames
      ? offsets
      : fragments.filter(({ position }) => startsImage(file.bytes, position)).map(({ offset }) => offset),
  );
  const groups: Fragment[][] = [];
  for (const fragment of fragments) {
    if (starts.has(fragment.offset)) groups.push([]);
    groups.at(-1)?.push(fragment);
  }
  return groups.length === frames ? groups : undefined;
}

/** Extended Offset Table: 64-bit offsets from the first fragment's item. */
function extendedOffsets({ attributes }: ParsedFile): readonly number[] | undefined {
  const table = attributes.bytes('x7fe00001');
  if (!table) return undefined;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: Math.floor(table.length / 8) }, (_, n) => Number(view.getBigUint64(8 * n, true)));
}

/** Start of a JPEG, JPEG-LS (FF D8) or JPEG 2000 (FF 4F) image. */
const startsImage = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xff && (bytes[at + 1] === 0xd8 || bytes[at + 1] === 0x4f);
