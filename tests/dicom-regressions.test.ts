import { expect, test } from 'vitest';
import { AppError } from '../contract/errors/app-error.ts';
import { decodeFrame } from '../main/imaging/dicom/decode-frame.ts';
import { readHeader } from '../main/imaging/dicom/file-header.ts';
import { parseFile } from '../main/imaging/dicom/parse-file.ts';
import { pixelFormatOf } from '../main/imaging/dicom/pixel-format.ts';
import { dicomFile, element, pixelElement, short, text } from './made-dicom.ts';

/** A 4 x 4 image of bytes whose pixel element is `pixels`, as it stands. */
const image = (pixels: readonly number[]): Uint8Array =>
  dicomFile(
    element(0x28, 2, 'US', short(1)),
    element(0x28, 4, 'CS', text('MONOCHROME2')),
    element(0x28, 0x10, 'US', short(4)),
    element(0x28, 0x11, 'US', short(4)),
    element(0x28, 0x100, 'US', short(8)),
    pixels,
  );
const item = (value: readonly number[]) => [0xfe, 0xff, 0, 0xe0, value.length, 0, 0, 0, ...value];
const fragments = pixelElement(
  [...item([]), ...item([1, 2, 3, 4]), 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0],
  [255, 255, 255, 255],
);
const sixteen = new Array<number>(16).fill(7);

async function outcomeOf(bytes: Uint8Array): Promise<unknown> {
  try {
    readHeader(bytes, 'x');
    const parsed = parseFile(bytes, 'x');
    return (await decodeFrame(parsed, pixelFormatOf(parsed.attributes, 'x')!, 0, 'x')).length;
  } catch (cause) {
    return cause instanceof AppError ? cause.code : cause;
  }
}

// each kind of damage was found by scripts/fuzz-dicom.mjs
test.each([
  ['sixteen pixels, nothing wrong', image(pixelElement(sixteen)), 16],
  ['compressed fragments under an uncompressed syntax', image(fragments), 'dicom/frames'],
  ['fewer pixels than the header promises', image(pixelElement([1, 2, 3, 4])), 'dicom/frames'],
  ['a length beyond the end', image(pixelElement([1, 2], [16, 0, 0, 127])), 'dicom/damaged'],
  ['no pixels', image([]), 'dicom/no-pixels'],
  ['a character set that ends with the file', dicomFile([8, 0, 5, 0, 0x43, 0x53, 40, 0, 0x49]), 'dicom/damaged'],
])('%s', async (_, bytes, outcome) => {
  expect(await outcomeOf(bytes)).toBe(outcome);
});
