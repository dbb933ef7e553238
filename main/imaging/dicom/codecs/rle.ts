import type { PixelFormat } from '../pixel-format.ts';
import type { DecodedImage } from './wasm-codec.ts';

/**
 * RLE (PS3.5 annex G): byte planes packed by PackBits, most significant byte first, colour by colour.
 * @throws Error where segments and pixels do not fit
 */
export function decodeRle(encoded: Uint8Array, format: PixelFormat): DecodedImage {
  const { rows, columns, samplesPerPixel, bitsAllocated } = format;
  const width = Math.max(1, bitsAllocated / 8);
  const pixels = rows * columns;
  if (encoded.length < 64) throw new Error('its RLE header is cut short');
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const segments = view.getUint32(0, true);
  if (segments !== width * samplesPerPixel)
    throw new Error(`it has ${segments} RLE segments where ${width * samplesPerPixel} are needed`);
  const bytes = new Uint8Array(pixels * width * samplesPerPixel);
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : encoded.length;
    if (start < 64 || end > encoded.length || end < start) throw new Error('an RLE segment lies outside the frame');
    const [sample, plane] = [Math.floor(segment / width), segment % width];
    unpack(encoded.subarray(start, end), bytes, {
      first: sample * width + (width - 1 - plane), // little endian
      step: samplesPerPixel * width,
      count: pixels,
    });
  }
  return { bytes, width: columns, height: rows, bitsPerSample: bitsAllocated, components: samplesPerPixel };
}

/** PackBits into every `step`-th byte. */
function unpack(
  packed: Uint8Array,
  bytes: Uint8Array,
  { first, step, count }: { readonly first: number; readonly step: number; readonly count: number },
): void {
  let done = 0;
  let at = 0;
  while (done < count) {
    if (at >= packed.length) throw new Error('an RLE segment ends early');
    const control = packed[at++]!;
    if (control === 128) continue;
    const length = Math.min(control < 128 ? control + 1 : 257 - control, count - done);
    if (control < 128 && at + length > packed.length) throw new Error('an RLE segment ends early');
    if (control > 128 && at >= packed.length) throw new Error('an RLE segment ends early');
    for (let n = 0; n < length; n++, done++) bytes[first + step * done] = control < 128 ? packed[at + n]! : packed[at]!;
    at += control < 128 ? control + 1 : 1;
  }
}
