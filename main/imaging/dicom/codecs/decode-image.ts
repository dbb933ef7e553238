import type { PixelFormat } from '../pixel-format.ts';
import type { PixelCoding } from '../transfer-syntaxes.ts';
import { claimedSize } from './image-size.ts';
import { decodeJpeg12 } from './jpeg-12-bit.ts';
import { markedRgb } from './jpeg-colours.ts';
import { decodeJpegLossless } from './jpeg-lossless.ts';
import { decodeRle } from './rle.ts';
import { type DecodedImage, wasmDecoder } from './wasm-codec.ts';

/** Loaded when first needed: most scans are not compressed. */
const jpeg = wasmDecoder(() => import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs'), 'JPEGDecoder');
const jpegLs = wasmDecoder(() => import('@cornerstonejs/codec-charls/decodewasmjs'), 'JpegLSDecoder');
const jpeg2000 = wasmDecoder(() => import('@cornerstonejs/codec-openjpeg/decodewasmjs'), 'J2KDecoder');
const htj2k = wasmDecoder(() => import('@cornerstonejs/codec-openjph/wasmjs'), 'HTJ2KDecoder');

/** Decodes one compressed image. @throws Error with the codec's reason */
export async function decodeImage(
  coding: Exclude<PixelCoding, 'native'>,
  encoded: Uint8Array,
  format: PixelFormat,
): Promise<DecodedImage> {
  const claimed = coding === 'rle' ? undefined : claimedSize(encoded);
  if (
    claimed &&
    (claimed.width !== format.columns ||
      claimed.height !== format.rows ||
      claimed.components !== format.samplesPerPixel)
  )
    throw new Error(
      `its image is ${claimed.width} x ${claimed.height} x ${claimed.components}, its header says ${format.columns} x ${format.rows} x ${format.samplesPerPixel}`,
    );
  switch (coding) {
    case 'rle':
      return decodeRle(encoded, format);
    case 'jpeg-lossless':
      return decodeJpegLossless(encoded, format);
    case 'jpeg':
      return (claimedSize(encoded)?.bitsPerSample ?? 8) > 8
        ? decodeJpeg12(encoded, format)
        : jpeg(format.photometric === 'RGB' ? markedRgb(encoded) : encoded);
    case 'jpeg-ls':
      return jpegLs(encoded);
    case 'jpeg-2000':
      return jpeg2000(encoded);
    case 'htj2k':
      return htj2k(encoded);
    default:
      throw coding satisfies never;
  }
}
