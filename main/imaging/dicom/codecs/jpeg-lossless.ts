import { Decoder } from '@cornerstonejs/jpeg-lossless-decoder-js';
import type { PixelFormat } from '../pixel-format.ts';
import type { DecodedImage } from './wasm-codec.ts';

/** JPEG lossless, processes 14 and 14 with first-order prediction. @throws Error with the codec's reason */
export function decodeJpegLossless(encoded: Uint8Array, format: PixelFormat): DecodedImage {
  const { rows, columns, samplesPerPixel, bitsAllocated } = format;
  const width = bitsAllocated <= 8 ? 1 : 2;
  const decoded = new Decoder().decode(encoded.slice().buffer, 0, encoded.length, width);
  const bytes = new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength);
  return { bytes, width: columns, height: rows, bitsPerSample: 8 * width, components: samplesPerPixel };
}
