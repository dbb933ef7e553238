import type { PixelFormat } from '../pixel-format.ts';
import type { PixelCoding } from '../transfer-syntaxes.ts';
import { decodeJpeg12, precisionOf } from './jpeg-12-bit.ts';
import { decodeJpegLossless } from './jpeg-lossless.ts';
import { decodeRle } from './rle.ts';
import { codecOf, type DecodedImage, decodeWith } from './wasm-codec.ts';

/** Loaded when first needed: most scans are not compressed. */
const jpeg = codecOf(() => import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'), 'JPEGDecoder');
const jpegLs = codecOf(() => import('@cornerstonejs/codec-charls/decodewasmjs'), 'JpegLSDecoder');
const jpeg2000 = codecOf(() => import('@cornerstonejs/codec-openjpeg/decodewasmjs'), 'J2KDecoder');
const htj2k = codecOf(() => import('@cornerstonejs/codec-openjph/wasmjs'), 'HTJ2KDecoder');

/** Decodes one compressed image. @throws Error with the codec's reason */
export async function decodeImage(
  coding: Exclude<PixelCoding, 'native'>,
  encoded: Uint8Array,
  format: PixelFormat,
): Promise<DecodedImage> {
  switch (coding) {
    case 'rle':
      return decodeRle(encoded, format);
    case 'jpeg-lossless':
      return decodeJpegLossless(encoded, format);
    case 'jpeg':
      return precisionOf(encoded) > 8 ? decodeJpeg12(encoded, format) : decodeWith(jpeg, encoded);
    case 'jpeg-ls':
      return decodeWith(jpegLs, encoded);
    case 'jpeg-2000':
      return decodeWith(jpeg2000, encoded);
    case 'htj2k':
      return decodeWith(htj2k, encoded);
    default:
      throw coding satisfies never;
  }
}
