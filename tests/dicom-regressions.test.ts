import { expect, test } from 'vitest';
import { AppError } from '../contract/errors/app-error.ts';
import { decodeFrame } from '../main/imaging/dicom/decode-frame.ts';
import { readHeader } from '../main/imaging/dicom/file-header.ts';
import { parseFile } from '../main/imaging/dicom/parse-file.ts';
import { pixelFormatOf } from '../main/imaging/dicom/pixel-format.ts';
import { dicomFile, dicomFileIn, element, pixelElement, short, text } from './made-dicom.ts';

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

/** The same image, its pixels encapsulated without being compressed; padded to an even length. */
const encapsulated = (columns: number, frames: readonly (readonly number[])[]): Uint8Array => {
  const pixels = [...item([]), ...frames.flatMap(item), 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
  return dicomFileIn(
    '1.2.840.10008.1.2.1.98',
    element(0x28, 2, 'US', short(1)),
    element(0x28, 4, 'CS', text('MONOCHROME2')),
    element(0x28, 8, 'IS', text(String(frames.length))),
    element(0x28, 0x10, 'US', short(1)),
    element(0x28, 0x11, 'US', short(columns)),
    element(0x28, 0x100, 'US', short(8)),
    pixelElement(pixels, [255, 255, 255, 255]),
  );
};

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

test('pixels that are encapsulated without being compressed are read frame by frame, without their padding', async () => {
  const bytes = encapsulated(3, [
    [1, 2, 3, 0],
    [4, 5, 6, 0],
  ]);
  const parsed = parseFile(bytes, 'x');
  const format = pixelFormatOf(parsed.attributes, 'x')!;
  expect(await decodeFrame(parsed, format, 1, 'x')).toEqual(Uint8Array.of(4, 5, 6));
  await expect(decodeFrame(parsed, { ...format, columns: 5 }, 0, 'x')).rejects.toMatchObject({ code: 'dicom/frames' });
});
