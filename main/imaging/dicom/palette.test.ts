import { describe, expect, test } from 'vitest';
import { dicomFile, element, short } from '../../../tests/made-dicom.ts';
import { paletteOf } from './palette.ts';
import { parseFile } from './parse-file.ts';

const words = (...values: readonly number[]) => values.flatMap(short);
/** A file with the same table for each colour. */
const attributesOf = (descriptor: readonly number[], data: readonly number[], group: 0x1201 | 0x1221 = 0x1201) =>
  parseFile(
    dicomFile(
      ...[0, 1, 2].map((n) => element(0x28, 0x1101 + n, 'US', words(...descriptor))),
      ...[0, 1, 2].map((n) => [
        ...short(0x28),
        ...short(group + n),
        0x4f,
        0x57,
        0,
        0,
        ...words(data.length & 0xffff, 0),
        ...data,
      ]),
    ),
    'x',
  ).attributes;

describe('a palette', () => {
  test('of 16 bits keeps its high bytes, of 8 bits lies packed or in words, and begins where it says', () => {
    const wide = paletteOf(attributesOf([3, 10, 16], words(0, 0x8000, 0xffff)), false, 'x');
    expect([wide.first, [...wide.colours[0]]]).toEqual([10, [0, 128, 255]]);
    expect([...paletteOf(attributesOf([4, 0, 8], [1, 2, 3, 4]), false, 'x').colours[2]]).toEqual([1, 2, 3, 4]);
    expect([...paletteOf(attributesOf([3, 0, 8], words(1, 2, 3)), false, 'x').colours[1]]).toEqual([1, 2, 3]);
    expect([...paletteOf(attributesOf([3, 0, 16], words(1, 2, 255)), false, 'x').colours[1]]).toEqual([1, 2, 255]);
    expect(paletteOf(attributesOf([3, 0xffff, 16], words(0, 1, 2)), true, 'x').first).toBe(-1);
  });

  test('in segments is expanded: values, then a straight line', () => {
    const segments = words(0, 2, 0, 0x1000, 1, 4, 0x5000);
    const { colours } = paletteOf(attributesOf([6, 0, 16], segments, 0x1221), false, 'x');
    expect([...colours[0]]).toEqual([0, 0x10, 0x20, 0x30, 0x40, 0x50]);
  });

  test('that is cut short is refused', () => {
    const short = () => paletteOf(attributesOf([9, 0, 16], words(1, 2)), false, 'x');
    expect(short).toThrow(expect.objectContaining({ code: 'dicom/pixel-header' }));
    expect(() => paletteOf(attributesOf([9, 0, 12], words(1, 2)), false, 'x')).toThrow(
      expect.objectContaining({ code: 'dicom/pixel-header' }),
    );
  });
});
