import type { PixelFormat } from '../pixel-format.ts';
import type { DecodedImage } from './wasm-codec.ts';

let loading: Promise<typeof import('dcmjs-codecs')> | undefined;

async function load(): Promise<typeof import('dcmjs-codecs')> {
  const { default: codecs } = await import('dcmjs-codecs');
  await codecs.NativeCodecs.initializeAsync({ logCodecsInfo: false, logCodecsTrace: false });
  return codecs;
}

/** JPEG of more than 8 bits (extended, spectral selection, full progression), which Cornerstone's codecs leave out. @throws Error with the codec's reason */
export async function decodeJpeg12(encoded: Uint8Array, format: PixelFormat): Promise<DecodedImage> {
  loading ??= load();
  const { Context, NativeCodecs } = await loading;
  const context = NativeCodecs.decodeJpeg(
    new Context({
      width: format.columns,
      height: format.rows,
      bitsAllocated: format.bitsAllocated,
      bitsStored: format.bitsStored,
      samplesPerPixel: format.samplesPerPixel,
      pixelRepresentation: format.signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: format.photometric,
      encodedBuffer: encoded.slice(),
    }),
    {},
  );
  const bytes = context.getDecodedBuffer();
  if (!bytes) throw new Error('the compressed image is damaged');
  const [width, height] = [context.getWidth() ?? 0, context.getHeight() ?? 0];
  return { bytes: bytes.slice(), width, height, bitsPerSample: 16, components: format.samplesPerPixel };
}
