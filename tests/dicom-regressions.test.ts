import { expect, test } from 'vitest';
import { AppError } from '../contract/errors/app-error.ts';
import { decodeFrame } from '../main/imaging/dicom/decode-frame.ts';
import { readHeader } from '../main/imaging/dicom/file-header.ts';
import { parseFile } from '../main/imaging/dicom/parse-file.ts';
import { pixelFormatOf } from '../main/imaging/dicom/pixel-format.ts';

/** An element of explicit little endian with a short length. */
const element = (group: number, number: number, vr: string, value: readonly number[]): readonly number[] => [
  group & 255,
  group >> 8,
  number & 255,
  number >> 8,
  vr.charCodeAt(0),
  vr.charCodeAt(1),
  value.length & 255,
  value.length >> 8,
  ...value,
];
const short = (value: number) => [value & 255, value >> 8];
const text = (value: string) => [...(value.length % 2 ? `${value}\0` : value)].map((letter) => letter.charCodeAt(0));

/** A small image whose pixel element is `pixels`, as it stands. */
const image = (pixels: readonly number[], changes: readonly number[] = []): Uint8Array =>
  Uint8Array.from([
    ...new Array(128).fill(0),
    ...text('DICM'),
    ...element(2, 0x10, 'UI', text('1.2.840.10008.1.2.1')),
    ...changes,
    ...element(0x28, 2, 'US', short(1)),
    ...element(0x28, 4, 'CS', text('MONOCHROME2 ')),
    ...element(0x28, 0x10, 'US', short(4)),
    ...element(0x28, 0x11, 'US', short(4)),
    ...element(0x28, 0x100, 'US', short(8)),
    ...pixels,
  ]);
const pixelElement = (length: readonly number[], value: readonly number[]) => [
  0xe0,
  0x7f,
  0x10,
  0,
  0x4f,
  0x42,
  0,
  0,
  ...length,
  ...value,
];

async function failure(bytes: Uint8Array): Promise<unknown> {
  try {
    readHeader(bytes, 'x');
    const parsed = parseFile(bytes, 'x');
    await decodeFrame(parsed, pixelFormatOf(parsed.attributes, 'x')!, 0, 'x');
  } catch (cause) {
    return cause instanceof AppError ? cause.code : cause;
  }
  return 'no failure';
}

// each was found by scripts/fuzz-dicom.mjs
test.each([
  ['sixteen pixels', image(pixelElement([16, 0, 0, 0], new Array(16).fill(7))), 'no failure'],
  [
    'compressed fragments under an uncompressed syntax',
    image(
      pixelElement(
        [255, 255, 255, 255],
        [
          0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0, 0xe0, 4, 0, 0, 0, 1, 2, 3, 4, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0,
          0,
        ],
      ),
    ),
    'dicom/frames',
  ],
  ['fewer pixels than the header promises', image(pixelElement([4, 0, 0, 0], [1, 2, 3, 4])), 'dicom/frames'],
  ['a length beyond the end', image(pixelElement([16, 0, 0, 127], [1, 2])), 'dicom/damaged'],
  ['no pixels', image([]), 'dicom/no-pixels'],
  [
    'a character set that ends with the file',
    Uint8Array.from([...image([]).subarray(0, 158), 8, 0, 5, 0, 0x43, 0x53, 40, 0, 0x49]),
    'dicom/damaged',
  ],
])('%s', async (_, bytes, outcome) => {
  expect(await failure(bytes)).toBe(outcome);
});
