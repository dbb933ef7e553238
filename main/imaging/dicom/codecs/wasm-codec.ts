/** One decoded image: samples as bytes (interleaved, little endian), and what the image's own header says. */
export interface DecodedImage {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly components: number;
}

interface Codec {
  readonly Decoder: DecoderClass;
  messageOf(exception: unknown): string;
}

/** Runs a WebAssembly decoder over one compressed image. @throws Error with the codec's reason */
export async function decodeWith(load: () => Promise<Codec>, encoded: Uint8Array): Promise<DecodedImage> {
  const { Decoder, messageOf } = await load();
  const decoder = new Decoder();
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    decoder.decode();
    const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo();
    const bytes = decoder.getDecodedBuffer().slice(); // out of the module's memory
    return { bytes, width, height, bitsPerSample, components: componentCount };
  } catch (cause) {
    throw new Error(messageOf(cause), { cause });
  } finally {
    decoder.delete();
  }
}

/** Loads a module once. Emscripten throws numbers that only the module can explain. */
export function codecOf<Name extends string>(
  load: () => Promise<{ readonly default: CodecFactory<Name> }>,
  name: Name,
): () => Promise<Codec> {
  let loading: Promise<Codec> | undefined;
  return () => {
    loading ??= load()
      .then(({ default: factory }) => factory({ print() {}, printErr() {} }))
      .then((module) => ({
        Decoder: module[name],
        messageOf: (exception) =>
          typeof exception === 'number'
            ? (module.getExceptionMessage?.(exception) ?? 'the compressed image is damaged')
            : exception instanceof Error
              ? exception.message
              : String(exception),
      }));
    return loading;
  };
}
