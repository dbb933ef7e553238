import { AppError } from '../../../contract/errors/app-error.ts';
import { decodeScalars, hostIsLittleEndian, type ScalarType } from '../scalar-types.ts';
import type { Voxels } from '../volume.ts';
import { decodeImage } from './codecs/decode-image.ts';
import { frameBits, frameBytes } from './frames.ts';
import type { ParsedFile } from './parse-file.ts';
import type { PixelFormat } from './pixel-format.ts';
import { type TransferSyntax, transferSyntaxOf } from './transfer-syntaxes.ts';

/**
 * Samples of frame `n`, row by row from the top left, colours of a pixel side by side: what the file stores, neither masked nor rescaled; a view
 * of the file's bytes where they can be used as they lie.
 * @throws AppError `dicom/transfer-syntax`, `dicom/codec`, `dicom/frames`, `dicom/no-pixels`
 */
export async function decodeFrame(file: ParsedFile, format: PixelFormat, n: number, name: string): Promise<Voxels> {
  const syntax = transferSyntaxOf(file.transferSyntaxUid);
  if (!syntax) throw new AppError('dicom/transfer-syntax', { name, uid: file.transferSyntaxUid });
  const bytes = frameBytes(file, format, n, name);
  const needed = frameBits(format) / (format.bitsAllocated === 1 ? 1 : 8); // single bits come as bytes
  if (syntax.coding === 'native' && bytes.length !== needed)
    throw new AppError('dicom/frames', { name, found: 0, expected: format.frames });
  const planar = format.planar && format.samplesPerPixel > 1 && syntax.coding === 'native';
  const samples =
    syntax.coding === 'native'
      ? nativeSamples(bytes, format, syntax, file)
      : await decompress(bytes, format, syntax, name);
  if (format.photometric === 'YBR_FULL_422' && syntax.coding === 'native') return spreadColours(samples, format);
  return planar ? interleave(samples, format) : samples;
}

function nativeSamples(
  bytes: Uint8Array,
  format: PixelFormat,
  { littleEndian }: TransferSyntax,
  { attributes, bytes: file }: ParsedFile,
): Voxels {
  const width = format.bitsAllocated / 8;
  if (
    littleEndian === hostIsLittleEndian &&
    !format.real &&
    (width === 1 || width === 2) &&
    bytes.byteOffset % width === 0
  )
    return viewed(bytes, format);
  const own = bytes.slice();
  const element = attributes.element('x7fe00010');
  // bytes written as 16-bit words are swapped in pairs by a big-endian machine
  if (!littleEndian && format.bitsAllocated === 8 && element?.vr === 'OW')
    for (let n = 0, at = bytes.byteOffset - file.byteOffset - element.dataOffset; n < own.length; n++, at++)
      own[n] = file[element.dataOffset + (at ^ 1)]!;
  return decodeScalars(own, scalarType(format), littleEndian).voxels;
}

/** Bytes in the machine's order as samples, without a copy. */
function viewed({ buffer, byteOffset, byteLength }: Uint8Array, { bitsAllocated, signed }: PixelFormat): Voxels {
  const own = buffer as ArrayBuffer; // files are not read into shared memory
  if (bitsAllocated === 8) return new (signed ? Int8Array : Uint8Array)(own, byteOffset, byteLength);
  return new (signed ? Int16Array : Uint16Array)(own, byteOffset, byteLength / 2);
}

async function decompress(
  encoded: Uint8Array,
  format: PixelFormat,
  syntax: TransferSyntax,
  name: string,
): Promise<Voxels> {
  const refuse = (reason: string, cause?: unknown) =>
    new AppError('dicom/codec', { name, syntax: syntax.name, reason }, { cause });
  const { coding } = syntax;
  if (coding === 'native') throw new RangeError('native pixels need no codec');
  const image = await decodeImage(coding, encoded, format).catch((cause: unknown) => {
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  });
  const { rows, columns, samplesPerPixel } = format;
  if (image.width !== columns || image.height !== rows || image.components !== samplesPerPixel)
    throw refuse(
      `its image is ${image.width} x ${image.height} x ${image.components}, its header says ${columns} x ${rows} x ${samplesPerPixel}`,
    );
  return inContainer(image.bytes, image.bitsPerSample > 8 ? 2 : 1, format, refuse);
}

/** Codecs give the samples in 8 or 16 bits; the header says what they are. */
function inContainer(
  bytes: Uint8Array,
  width: number,
  format: PixelFormat,
  refuse: (reason: string) => AppError,
): Voxels {
  const count = format.rows * format.columns * format.samplesPerPixel;
  const given = bytes.length / count;
  if (given !== 1 && given !== 2 && given !== 4)
    throw refuse(`it decodes to ${bytes.length} bytes for ${count} samples`);
  const type = scalarType(given === 4 ? format : { ...format, bitsAllocated: 8 * Math.max(given, width) });
  const { voxels } = decodeScalars(bytes.slice(), type, true);
  return format.bitsAllocated === 16 && given === 1
    ? format.signed
      ? Int16Array.from(voxels)
      : Uint16Array.from(voxels)
    : voxels;
}

function scalarType({ bitsAllocated, signed, real }: PixelFormat): ScalarType {
  if (real) return bitsAllocated === 64 ? 'float64' : 'float32';
  switch (bitsAllocated) {
    case 16:
      return signed ? 'int16' : 'uint16';
    case 32:
      return signed ? 'int32' : 'uint32';
    case 64:
      return signed ? 'int64' : 'uint64';
    default:
      return signed && bitsAllocated === 8 ? 'int8' : 'uint8';
  }
}

/** Colour planes -> colours side by side. */
function interleave(samples: Voxels, { rows, columns, samplesPerPixel: S }: PixelFormat): Voxels {
  const pixels = rows * columns;
  const result = samples.slice();
  for (let s = 0; s < S; s++) for (let p = 0; p < pixels; p++) result[p * S + s] = samples[s * pixels + p]!;
  return result;
}

/** Y1 Y2 Cb Cr -> Y1 Cb Cr Y2 Cb Cr. */
function spreadColours(samples: Voxels, { rows, columns }: PixelFormat): Voxels {
  const result = new Uint8Array(rows * columns * 3);
  for (let pair = 0; pair < (rows * columns) / 2; pair++) {
    const [y1, y2, cb, cr] = [0, 1, 2, 3].map((n) => samples[4 * pair + n]!);
    result.set([y1!, cb!, cr!, y2!, cb!, cr!], 6 * pair);
  }
  return result;
}
