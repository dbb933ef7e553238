import { describe, expect, test } from 'vitest';
import { decodeText } from './character-sets.ts';
import { decodeRle } from './codecs/rle.ts';
import type { PixelFormat } from './pixel-format.ts';
import { storedValues } from './stored-values.ts';

const format: PixelFormat = {
  rows: 1,
  columns: 4,
  frames: 1,
  samplesPerPixel: 1,
  photometric: 'MONOCHROME2',
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  signed: false,
  real: false,
  planar: false,
};
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('text', () => {
  test('of the standard’s examples (PS3.5 annexes H, I, J) is read', () => {
    const latin = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
    expect(decodeText(bytes(0xc4, 0x6e), ['ISO_IR 100'])).toBe('Än');
    expect(
      decodeText(bytes(...latin('Yamada^Tarou='), 0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42, 0x5e), [
        '',
        'ISO 2022 IR 87',
      ]),
    ).toBe('Yamada^Tarou=山田^');
    expect(decodeText(bytes(0x1b, 0x24, 0x29, 0x43, 0xb1, 0xe8, 0xc8, 0xf1), ['', 'ISO 2022 IR 149'])).toBe('김희');
    expect(decodeText(bytes(0xd4, 0xcf, 0xc0, 0xde), ['ISO_IR 13'])).toBe('ﾔﾏﾀﾞ');
    expect(decodeText(new TextEncoder().encode('Wang^王'), ['ISO_IR 192'])).toBe('Wang^王');
    expect(decodeText(bytes(0xff), ['unknown set'])).toBe('ÿ');
  });
});

describe('stored values', () => {
  test('drop bits that hold overlays, and carry the sign', () => {
    expect(storedValues(Uint16Array.of(0x1fff, 0xf001), format)).toEqual(Uint16Array.of(0x0fff, 1));
    expect(storedValues(Int16Array.of(0x0fff, 0x07ff), { ...format, signed: true })).toEqual(Int16Array.of(-1, 2047));
    expect(storedValues(Uint16Array.of(0xfff0), { ...format, highBit: 15 })).toEqual(Uint16Array.of(0xfff));
  });
});

describe('RLE', () => {
  /** A frame of 16-bit pixels 0x0102, 0x0102, 0x0304, 0x0506. */
  const header = new Uint8Array(64);
  new DataView(header.buffer).setUint32(0, 2, true);
  new DataView(header.buffer).setUint32(4, 64, true);
  new DataView(header.buffer).setUint32(8, 69, true);
  const frame = bytes(...header, 0xff, 1, 1, 3, 5, 0xff, 2, 1, 4, 6);

  test('unpacks planes, most significant first', () => {
    expect(decodeRle(frame, format).bytes).toEqual(bytes(2, 1, 2, 1, 4, 3, 6, 5));
  });

  test('that is cut, or claims other segments, is refused', () => {
    expect(() => decodeRle(frame.subarray(0, 72), format)).toThrow('ends early');
    expect(() => decodeRle(frame.subarray(0, 20), format)).toThrow('cut short');
    expect(() => decodeRle(frame, { ...format, bitsAllocated: 8 })).toThrow('2 RLE segments where 1');
  });
});
